import type { Engine } from "../../engine/engine.ts";
import type { Filters } from "../../engine/filters.ts";
import { humanSize } from "../../internal/human-size.ts";
import { arity, command, ExitError, type CliContext } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { parseFilters } from "../flags/filters.ts";
import { bool, list } from "../flags/flag.ts";

interface PruneOptions {
  readonly all: boolean;
  readonly volumes: boolean;
  readonly filters: Filters;
}

export default command({
  usage: "system prune [OPTIONS]",
  summary: "Remove unused data",
  flags: {
    all: bool("Remove all unused images not just dangling ones", { short: "a" }),
    filter: list('Provide filter values (e.g. "label=<key>=<value>")', { kind: "filter" }),
    force: bool("Do not prompt for confirmation", { short: "f" }),
    volumes: bool("Prune anonymous volumes"),
  },
  args: arity.none,
  async run({ flags }, context) {
    const options = { all: flags.all, volumes: flags.volumes, filters: parseFilters(flags.filter) };
    if (flags.volumes && "until" in options.filters)
      throw new ExitError(1, 'ERROR: The "until" filter is not supported with "--volumes"');
    if (!flags.force && !(await confirmed(context, warning(options)))) return 1;
    const reclaimed = await prune(await context.engine(), options, context);
    context.stdout.write(`Total reclaimed space: ${humanSize(reclaimed)}\n`);
    return 0;
  },
});

function warning({ all, volumes, filters }: PruneOptions): string {
  const hasFilter = Object.keys(filters).length > 0;
  const lines = [
    "all stopped containers",
    "all networks not used by at least one container",
    ...(volumes ? ["all anonymous volumes not used by at least one container"] : []),
    all ? "all images without at least one container associated to them" : "all dangling images",
    ...(hasFilter ? [] : [all ? "all build cache" : "unused build cache"]),
  ];
  const shown = Object.entries(filters).flatMap(([key, values]) => values.map((value) => `${key}=${value}`));
  const items = hasFilter
    ? `\n  Items to be pruned will be filtered with:\n  - ${shown.join("\n  - ")}\n`
    : "";
  return `This will remove:\n${lines.map((line) => `  - ${line}\n`).join("")}${items}`;
}

/** Containers first, which hold the rest. Build cache has no labels, so filters leave it alone, as in Docker. */
async function prune(engine: Engine, o: PruneOptions, { signal, stdout }: CliContext): Promise<number> {
  const { filters } = o;
  const say = (title: string, names: readonly string[]) =>
    void (names.length > 0 && stdout.write(`${title}:\n${names.join("\n")}\n\n`));
  const containers = await engine.containers.prune({ filters, signal });
  say("Deleted Containers", containers.ContainersDeleted);
  const networks = await engine.networks.prune({ filters, signal });
  say("Deleted Networks", networks.NetworksDeleted);
  const volumes = o.volumes ? await engine.volumes.prune({ filters, signal }) : undefined;
  say("Deleted Volumes", volumes?.VolumesDeleted ?? []);
  const dangling = { ...filters, dangling: [o.all ? "false" : "true"] };
  const images = await engine.images.prune({ filters: dangling, signal });
  const lines = images.ImagesDeleted.map(({ Untagged, Deleted }) =>
    Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
  );
  say("Deleted Images", lines);
  const hasFilter = Object.keys(filters).length > 0;
  const cache = hasFilter ? undefined : await engine.builds.prune({ all: o.all, signal });
  say("Deleted build cache objects", cache?.CachesDeleted ?? []);
  return [containers, volumes, images, cache].reduce((sum, part) => sum + (part?.SpaceReclaimed ?? 0), 0);
}
