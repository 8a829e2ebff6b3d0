/**
 * `npm test`: everything. Static checks and the build first, then every test file in a process of its own kind: unit
 * tests beside the code, end-to-end tests below `test/`. Ends with `N passed, N failed`.
 */
import { spawnSync } from "node:child_process";

const bun = "node_modules/.bin/bun";
let passed = 0;
let failed = 0;

/** Counts as one test. */
function check(name: string, command: string[]): void {
  const started = performance.now();
  const { status } = spawnSync(command[0] ?? "", command.slice(1), { stdio: "inherit" });
  console.log(`${status === 0 ? "ok" : "FAILED"}  ${name} (${seconds(started)})`);
  if (status === 0) passed += 1;
  else failed += 1;
}

/** Runs `bun test` and takes over its counts. */
function suite(name: string, args: string[]): void {
  const started = performance.now();
  const { status, stderr } = spawnSync(bun, ["test", ...args], {
    stdio: ["ignore", "inherit", "pipe"],
    maxBuffer: 256 << 20,
    encoding: "utf8",
  });
  process.stderr.write(stderr);
  const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}$`, "m").exec(stderr)?.[1] ?? 0);
  passed += count("pass");
  failed += count("fail");
  if (status !== 0 && count("fail") === 0) failed += 1;
  console.log(
    `${status === 0 ? "ok" : "FAILED"}  ${name}: ${count("pass")} passed, ${count("fail")} failed (${seconds(started)})`,
  );
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(1)} s`;
}

check("format", ["node_modules/.bin/oxfmt", "--check", "src", "test", "scripts", "bench", "examples"]);
check("types", ["node_modules/.bin/tsc"]);
check("lint", ["node_modules/.bin/oxlint", "--deny-warnings"]);
check("layering", [bun, "scripts/layering.ts"]);
check("build", [bun, "scripts/build.ts"]);
suite("unit", ["src"]);
suite("end to end", ["--timeout", "60000", "test"]);
check("tour", [bun, "scripts/tour.ts"]);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
