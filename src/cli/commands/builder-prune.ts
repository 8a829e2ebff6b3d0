import { humanSize } from "../../internal/human-size.ts";
import { arity, command } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { bool, list, parsed } from "../flags/flag.ts";
import { parseFilters } from "../flags/filters.ts";
import { parseBytes } from "../flags/values.ts";

export default command({
  usage: "builder prune [OPTIONS]",
  summary: "Remove build cache",
  flags: {
    all: bool("Remove all unused build cache, not just dangling ones", { short: "a" }),
    filter: list("Provide filter values (e.g. 'until=24h')"),
    "keep-storage": parsed("bytes", "Amount of disk space to keep for cache", parseBytes),
    force: bool("Do not prompt for confirmation", { short: "f" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (!flags.force && !(await confirmed(context, "This will remove the build cache."))) return 1;
    const { builds } = await context.engine();
    const { CachesDeleted, SpaceReclaimed } = await builds.prune({
      all: flags.all,
      ...(flags.filter.length > 0 && { filters: parseFilters(flags.filter) }),
      ...(flags["keep-storage"] !== undefined && { keepStorage: flags["keep-storage"] }),
    });
    if (CachesDeleted.length > 0)
      context.stdout.write(`Deleted build cache objects:\n${CachesDeleted.join("\n")}\n\n`);
    context.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
    return 0;
  },
});
