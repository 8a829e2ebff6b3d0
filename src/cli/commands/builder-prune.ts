import type { PruneSpace } from "../../engine/prune-space.ts";
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
    filter: list("Provide filter values (e.g. 'until=24h', 'shared', 'type=regular')"),
    "keep-storage": {
      ...parsed("bytes", "Amount of disk space to keep for cache", parseBytes),
      hidden: true,
    },
    "max-used-space": parsed("bytes", "Maximum amount of disk space allowed to keep for cache", parseBytes),
    "min-free-space": parsed("bytes", "Target amount of free disk space after pruning", parseBytes),
    "reserved-space": parsed("bytes", "Amount of disk space always allowed to keep for cache", parseBytes),
    force: bool("Do not prompt for confirmation", { short: "f" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    if (!flags.force && !(await confirmed(context, "This will remove the build cache."))) return 1;
    const { builds } = await context.engine();
    const { CachesDeleted, SpaceReclaimed } = await builds.prune({
      all: flags.all,
      ...(flags.filter.length > 0 && { filters: parseFilters(flags.filter) }),
      ...spaceOf(flags),
    });
    if (CachesDeleted.length > 0)
      context.stdout.write(`Deleted build cache objects:\n${CachesDeleted.join("\n")}\n\n`);
    context.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
    return 0;
  },
});

function spaceOf(flags: Readonly<Record<SpaceFlag, number | undefined>>): PruneSpace {
  const reservedSpace = flags["reserved-space"] ?? flags["keep-storage"];
  const [maxUsedSpace, minFreeSpace] = [flags["max-used-space"], flags["min-free-space"]];
  return {
    ...(reservedSpace !== undefined && { reservedSpace }),
    ...(maxUsedSpace !== undefined && { maxUsedSpace }),
    ...(minFreeSpace !== undefined && { minFreeSpace }),
  };
}

type SpaceFlag = "keep-storage" | "max-used-space" | "min-free-space" | "reserved-space";
