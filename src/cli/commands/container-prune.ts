import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list } from "../flags/flag.ts";

export default command({
  usage: "container prune [OPTIONS]",
  summary: "Remove all stopped containers",
  flags: {
    filter: list("Provide filter values", { kind: "filter" }),
    force: bool("Do not prompt for confirmation", { short: "f" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (!flags.force && !(await confirmed(context, "This will remove all stopped containers."))) return 1;
    const { containers } = await context.engine();
    const filters = parseFilters(flags.filter);
    const { ContainersDeleted, SpaceReclaimed } = await containers.prune({ filters });
    if (ContainersDeleted.length > 0)
      context.stdout.write(`Deleted Containers:\n${ContainersDeleted.join("\n")}\n\n`);
    context.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
    return 0;
  },
});
