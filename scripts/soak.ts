/**
 * `npm run soak -- [NAME] [AMOUNT]`: what takes too long for `npm test`. Ends at the first fault.
 *
 * - `mixed` (default): builds, pulls and runs under kill -9, over and over, for so many minutes (10).
 * - `containers`: so many run/stop/rm rounds (1,000), eight at a time: nothing leaks, memory is flat.
 * - `kills`: kill -9 of the engine at random moments of so many such rounds (200): all is found or cleaned.
 * - `ui`: the page's list with so many containers (1,000).
 * - `crash`: so many faults (300) at random moments of pull, load, build, commit, rm and prune: kill -9, power cuts, failing
 *   writes, full disks. Nothing acknowledged is lost, the store is whole.
 * - `output`: a container that prints so many million lines (12) as fast as it can: none is lost, the engine stays small.
 * - `corpus`: every Dockerfile of test/build/corpus is built here and by Buildah and BuildKit: the same files, configuration and
 *   history.
 */
import { spawnSync } from "node:child_process";

interface Soak {
  readonly file: string;
  readonly title?: string;
  readonly amount: number;
  /** What the amount counts, for the time limit. */
  readonly secondsEach: number;
}

const soaks: Readonly<Record<string, Soak>> = {
  mixed: { file: "./test/engine/soak.ts", amount: 10, secondsEach: 60 },
  containers: {
    file: "./test/engine/soak-containers.ts",
    title: "leave nothing",
    amount: 1000,
    secondsEach: 3,
  },
  corpus: { file: "./test/build/corpus/soak.ts", amount: 1, secondsEach: 1800 },
  crash: { file: "./test/store/crash/soak.ts", amount: 300, secondsEach: 6 },
  output: { file: "./test/engine/soak-output.ts", amount: 12, secondsEach: 60 },
  ui: { file: "./test/ui/hostile.test.ts", title: "of many containers", amount: 1000, secondsEach: 1 },
  kills: { file: "./test/engine/soak-containers.ts", title: "kill -9", amount: 200, secondsEach: 30 },
};

const args = process.argv.slice(2);
const name = args[0] !== undefined && /^\D/.test(args[0]) ? args.shift()! : "mixed";
const soak = soaks[name];
if (soak === undefined) {
  console.error(`unknown soak "${name}": use one of ${Object.keys(soaks).join(", ")}`);
  process.exit(1);
}
const amount = Number(args[0] ?? soak.amount);
const timeout = (amount * soak.secondsEach + 600) * 1000;
const only = soak.title === undefined ? [] : ["--test-name-pattern", soak.title];
const { status } = spawnSync(
  "node_modules/.bin/bun",
  ["test", "--timeout", String(timeout), ...only, soak.file],
  { stdio: "inherit", env: { ...process.env, SOAK_AMOUNT: String(amount) } },
);
process.exit(status ?? 1);
