import type { StoreCheck, StoreProblem } from "../../engine/types/disk.ts";
import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { sanitizeLine } from "../progress/sanitize.ts";

export default command({
  usage: "system check [OPTIONS]",
  summary: "Verify every blob, record, snapshot and mount of the store, and repair what can be without loss",
  flags: {
    json: bool("Print JSON"),
    quiet: bool("Only print what is wrong", { short: "q" }),
    repair: bool("Put right what can be without loss"),
  },
  args: arity.none,
  async run({ flags }, context) {
    const { store } = await context.engine();
    const result = await store.check({ repair: flags.repair, signal: context.signal });
    const left = result.Problems.filter(({ State }) => State !== "repaired");
    if (flags.json) context.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
    else {
      for (const problem of result.Problems) context.stdout.write(`${problemText(problem)}\n`);
      if (!flags.quiet) context.stdout.write(`${verdict(result, left.length)}\n`);
    }
    return left.length === 0 ? 0 : 1;
  },
});

function problemText({ What, Repair, Advice, State, Error: why }: StoreProblem): string {
  const what = sanitizeLine(What);
  if (State === "repaired") return `${what}: repaired (${Repair})`;
  if (State === "failed") return `${what}: cannot ${Repair}: ${sanitizeLine(why)}`;
  if (Repair !== "") return `${what} (--repair will ${Repair})`;
  return Advice === "" ? what : `${what} (${Advice})`;
}

function verdict({ Checked, Problems }: StoreCheck, left: number): string {
  const counted = Object.entries(Checked).map(([name, count]) => `${count} ${name.toLowerCase()}`);
  const repaired = Problems.length - left;
  const found = Problems.length === 0 ? "the store is whole" : `${left} problems left, ${repaired} repaired`;
  return `Checked ${counted.join(", ")}: ${found}`;
}
