import { humanSize } from "../../internal/human-size.ts";
import { arity, command, ExitError } from "../command.ts";
import { bool, optional } from "../flags/flag.ts";
import { registryServerConfig } from "../registry/server-config.ts";

export default command({
  usage: "registry gc [OPTIONS]",
  summary: "Take from a registry's storage what nothing needs; the registry may run meanwhile",
  flags: {
    config: optional("Configuration file of the registry, with its retention rules", { kind: "file" }),
    root: optional("Directory of the registry's data", { kind: "directory" }),
    "dry-run": bool("Say what would go, and take nothing"),
    quiet: bool("Only print totals", { short: "q" }),
  },
  args: arity.none,
  async run({ flags }, context) {
    const [{ collectGarbage }, { openStorage }] = await Promise.all([
      import("../../registry/server/upkeep/collect.ts"),
      import("../../registry/server/operate/open-storage.ts"),
    ]);
    const config = await registryServerConfig(flags, context.env);
    const storage = await openStorage(config.storage);
    const report = await collectGarbage(storage, {
      graceMs: config.gc?.graceMs ?? 3_600_000,
      rules: config.gc?.retention ?? [],
      dryRun: flags["dry-run"],
      signal: context.signal,
    });
    const went = [...report.tags, ...report.manifests, ...report.links, ...report.blobs];
    if (!flags.quiet) for (const name of went) context.stdout.write(`${name}\n`);
    const { tags, manifests, blobs } = report;
    const counts = `${tags.length} tags, ${manifests.length} manifests, ${blobs.length} blobs`;
    const verb = flags["dry-run"] ? "Would take" : "Took";
    context.stdout.write(`${verb} ${counts}, ${humanSize(report.bytes)}\n`);
    if (report.problems.length > 0)
      throw new ExitError(1, report.problems.map((problem) => `Passed over ${problem}`).join("\n"));
    return 0;
  },
});
