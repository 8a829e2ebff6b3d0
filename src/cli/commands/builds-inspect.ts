import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage: "builds inspect [OPTIONS] [BUILD]",
  summary: "Explain a build: hits, misses and their causes, durations, advice",
  flags: { json: bool("Print the record as JSON") },
  args: arity.upTo(1),
  async run({ flags, args: [id = ""] }, context) {
    const report = await (await context.engine()).builds.inspect(id);
    const { buildReport } = await import("../build/build-report.ts");
    context.stdout.write(flags.json ? `${JSON.stringify(report, undefined, 2)}\n` : buildReport(report));
    return 0;
  },
});
