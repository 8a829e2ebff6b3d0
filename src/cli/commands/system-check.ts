import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";

export default command({
  usage: "system check [OPTIONS]",
  summary: "Verify every blob, record, snapshot and mount of the store",
  flags: { quiet: bool("Only print what is wrong", { short: "q" }) },
  args: arity.none,
  async run({ flags }, context) {
    const { checked, problems } = await (await context.engine()).system.check({ signal: context.signal });
    for (const problem of problems) context.stdout.write(`${problem}\n`);
    if (!flags.quiet) {
      const counted = Object.entries(checked).map(([name, count]) => `${count} ${name}`);
      const verdict = problems.length === 0 ? "the store is whole" : `${problems.length} problems`;
      context.stdout.write(`Checked ${counted.join(", ")}: ${verdict}\n`);
    }
    return problems.length === 0 ? 0 : 1;
  },
});
