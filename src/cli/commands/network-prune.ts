import { arity, command } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list } from "../flags/flag.ts";

export default command({
  usage: "network prune [OPTIONS]",
  summary: "Remove all unused networks",
  flags: {
    filter: list("Provide filter values", { kind: "filter" }),
    force: bool("Do not prompt for confirmation", { short: "f" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (
      !flags.force &&
      !(await confirmed(context, "This will remove all custom networks not used by at least one container."))
    )
      return 1;
    const { networks } = await context.engine();
    const filters = parseFilters(flags.filter);
    const { NetworksDeleted } = await networks.prune({ filters });
    if (NetworksDeleted.length > 0)
      context.stdout.write(`Deleted Networks:\n${NetworksDeleted.join("\n")}\n\n`);
    return 0;
  },
});
