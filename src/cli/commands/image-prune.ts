import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list } from "../flags/flag.ts";

export default command({
  usage: "image prune [OPTIONS]",
  summary: "Remove unused images",
  flags: {
    all: bool("Remove all unused images, not just dangling ones", { short: "a" }),
    filter: list("Provide filter values", { kind: "filter" }),
    force: bool("Do not prompt for confirmation", { short: "f" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (
      !flags.force &&
      !(await confirmed(
        context,
        flags.all
          ? "This will remove all images without at least one container associated to them."
          : "This will remove all dangling images.",
      ))
    )
      return 1;
    const { images } = await context.engine();
    const filters = parseFilters(flags.filter);
    const chosen = flags.all ? { ...filters, dangling: ["false"] } : filters;
    const { ImagesDeleted, SpaceReclaimed } = await images.prune({ filters: chosen });
    const lines = ImagesDeleted.map(({ Untagged, Deleted }) =>
      Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
    );
    if (lines.length > 0) context.stdout.write(`Deleted Images:\n${lines.join("\n")}\n\n`);
    context.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
    return 0;
  },
});
