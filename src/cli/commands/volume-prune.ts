import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list } from "../flags/flag.ts";

export default command({
  usage: "volume prune [OPTIONS]",
  summary: "Remove unused local volumes",
  flags: {
    all: bool("Remove all unused volumes, not just anonymous ones", { short: "a" }),
    filter: list("Provide filter values", { kind: "filter" }),
    force: bool("Do not prompt for confirmation", { short: "f" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (
      !flags.force &&
      !(await confirmed(
        context,
        "This will remove anonymous local volumes not used by at least one container.",
      ))
    )
      return 1;
    const { volumes } = await context.engine();
    const filters = parseFilters(flags.filter);
    const chosen = flags.all ? { ...filters, all: ["true"] } : filters;
    const { VolumesDeleted, SpaceReclaimed } = await volumes.prune({ filters: chosen });
    if (VolumesDeleted.length > 0) context.stdout.write(`Deleted Volumes:\n${VolumesDeleted.join("\n")}\n\n`);
    context.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
    return 0;
  },
});
