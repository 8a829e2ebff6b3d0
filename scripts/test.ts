/**
 * `npm test`: everything. Static checks and the build first, then every test file in a process of its own: unit
 * tests beside the code, end-to-end tests below `test/`. Ends with `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";
import { runTestFiles } from "./test-files.ts";

const bun = "node_modules/.bin/bun";
let passed = 0;
let failed = 0;

// The engines of tests keep their build cache, however little disk the machine has left.
process.env["SLIPWAY_GC"] = "off";

/** Counts as one test. */
function check(name: string, command: string[]): void {
  const started = performance.now();
  const { status } = spawnSync(command[0] ?? "", command.slice(1), { stdio: "inherit" });
  console.log(`${status === 0 ? "ok" : "FAILED"}  ${name} (${seconds(started)})`);
  if (status === 0) passed += 1;
  else failed += 1;
}

/** Runs the test files of a folder and takes over their counts. */
async function suite(name: string, folder: string, args: string[] = []): Promise<void> {
  const started = performance.now();
  const counts = await runTestFiles(folder, args);
  passed += counts.passed;
  failed += counts.failed;
  const word = counts.failed === 0 ? "ok" : "FAILED";
  console.log(`${word}  ${name}: ${counts.passed} passed, ${counts.failed} failed (${seconds(started)})`);
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

check("format", ["node_modules/.bin/oxfmt", "--check", "src", "test", "scripts", "bench", "examples"]);
check("types", ["node_modules/.bin/tsc"]);
check("types of the page", ["node_modules/.bin/tsc", "-p", "src/ui/page"]);
check("lint", ["node_modules/.bin/oxlint", "--deny-warnings"]);
check("layering", [bun, "scripts/layering.ts"]);
check("build", [bun, "scripts/build.ts"]);
await suite("unit", "src", ["--timeout", "30000"]);
await suite("end to end", "test", ["--timeout", "120000"]);
check("tour", [bun, "scripts/tour.ts"]);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
