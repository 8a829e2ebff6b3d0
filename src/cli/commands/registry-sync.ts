import { compilePattern } from "../../internal/name-pattern.ts";
import { arity, command, type CliContext } from "../command.ts";
import { bool, list } from "../flags/flag.ts";
import { remoteConfig, remoteFlags, type RemoteFlags } from "../registry/remote.ts";
import { parseSyncSource, parseSyncTarget, type SyncSource } from "../registry/sync-source.ts";
import type { SyncChange } from "../registry/sync-repositories.ts";

export default command({
  usage: "registry sync [OPTIONS] HOST/REPOSITORIES[:TAGS] HOST[/PREFIX]",
  summary: "Make tags of one registry those of another, by patterns",
  flags: {
    ...remoteFlags,
    exclude: list("Leave out tags of this pattern"),
    delete: bool("Take from the destination tags that the source has not"),
    referrers: bool("Copy signatures and whatever else refers to the images as well"),
    "dry-run": bool("Only say what would be done"),
    quiet: bool("Print only failures", { short: "q" }),
  },
  args: arity.exactly(2),
  async run({ flags, args: [from = "", to = ""] }, context) {
    const { openRepository } = await import("../../registry/client/repository.ts");
    const { syncRepository } = await import("../registry/sync-repositories.ts");
    const source = parseSyncSource(from);
    const target = parseSyncTarget(to);
    const config = await remoteConfig(context, flags);
    const excluded = flags.exclude.map(compilePattern);
    const included = compilePattern(source.tags ?? "**");
    const counts: Record<SyncChange["action"], number> = { copied: 0, unchanged: 0, deleted: 0, failed: 0 };
    const options = {
      wanted: (tag: string) => included(tag) && !excluded.some((excludes) => excludes(tag)),
      remove: flags.delete,
      referrers: flags.referrers,
      dryRun: flags["dry-run"],
      signal: context.signal,
      onChange: (change: SyncChange) => {
        counts[change.action] += 1;
        tell(context, change, flags.quiet);
      },
    };
    for (const path of await repositories(source, context, flags)) {
      const copyOf = openRepository({ domain: target.domain, path: `${target.prefix}${path}` }, config);
      await syncRepository(path, openRepository({ domain: source.domain, path }, config), copyOf, options);
    }
    const { copied, unchanged, deleted, failed } = counts;
    if (!flags.quiet)
      context.stderr.write(
        `Copied ${copied}, unchanged ${unchanged}, deleted ${deleted}, failed ${failed}\n`,
      );
    return failed > 0 ? 1 : 0;
  },
});

async function repositories(source: SyncSource, context: CliContext, flags: RemoteFlags): Promise<string[]> {
  if (source.repository !== undefined) return [source.repository];
  const { listCatalog } = await import("../../registry/client/catalog.ts");
  const config = await remoteConfig(context, flags);
  const all = await listCatalog(source.domain, config, { signal: context.signal });
  return all.filter((repository) => source.matches(repository));
}

function tell(context: CliContext, { action, name, digest, error }: SyncChange, quiet: boolean): void {
  if (action === "failed") context.stderr.write(`failed ${name}: ${error}\n`);
  else if (!quiet && action !== "unchanged")
    context.stdout.write(`${action} ${name}${digest === undefined ? "" : ` ${digest}`}\n`);
}
