/**
 * `npm run golden -- DIR [--verbose]`: runs every file of recorded answers found in DIR and prints `set: passed/total`,
 * with `--verbose` what failed and how. Exits 1 when a set is below 98 %.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { goldenSets } from "../test/golden/golden-sets.ts";

/** Recorded answers hold quirks of the programs that gave them. */
const threshold = 0.98;

const args = process.argv.slice(2);
const isVerbose = args.includes("--verbose");
const [directory] = args.filter((arg) => !arg.startsWith("-"));
if (directory === undefined || !existsSync(directory)) {
  console.error("usage: npm run golden -- DIR [--verbose]");
  process.exit(2);
}

let allPass = true;
for (const name of readdirSync(directory).toSorted()) {
  const run = goldenSets[name];
  if (run === undefined) {
    console.log(`${name}: skipped`);
    continue;
  }
  for (const [set, outcomes] of Object.entries(run(readFileSync(join(directory, name), "utf8")))) {
    const failures = outcomes.filter(({ failure }) => failure !== undefined);
    const passed = outcomes.length - failures.length;
    console.log(`${set}: ${passed}/${outcomes.length}`);
    if (isVerbose) for (const { id, failure } of failures) console.log(`  ${JSON.stringify(id)}: ${failure}`);
    if (passed < outcomes.length * threshold) allPass = false;
  }
}
process.exit(allPass ? 0 : 1);
