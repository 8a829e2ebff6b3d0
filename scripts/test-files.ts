/**
 * Runs test files, each in a process of its own, as many at once as there are cores. A file that fails runs once more
 * when all others are done, alone: so a machine that was too busy is told apart from a fault. The report names each
 * file that needed it.
 */
import { spawn } from "node:child_process";
import { chmodSync, globSync, mkdtempSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { clearLeftovers } from "./test-leftovers.ts";

export type Counts = { passed: number; failed: number };

type FileResult = Counts & { file: string; seconds: number; output: string };

/** Longer than any file takes on a slow machine, in milliseconds; what hangs longer is ended and has failed. */
const limitMs = 300_000;

/** Runs every `*.test.ts` below `folder` with `args`, and prints what came of each. */
export async function runTestFiles(folder: string, args: readonly string[]): Promise<Counts> {
  const queue = globSync(`${folder}/**/*.test.ts`).toSorted();
  const first: FileResult[] = [];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift())
      first.push(report(await runFile(file, args)));
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  const last: FileResult[] = first.filter(({ failed }) => failed === 0);
  for (const { file } of first.filter(({ failed }) => failed > 0)) {
    console.log(`second run, alone: ${file}`);
    last.push(report(await runFile(file, args)));
  }
  return {
    passed: last.reduce((sum, { passed }) => sum + passed, 0),
    failed: last.reduce((sum, { failed }) => sum + failed, 0),
  };
}

async function runFile(file: string, args: readonly string[]): Promise<FileResult> {
  const started = performance.now();
  // A short name: sockets below it have paths of 107 bytes at most. Other users' processes work in it too.
  const directory = mkdtempSync(join(tmpdir(), "slw-"));
  chmodSync(directory, 0o1777);
  const child = spawn(process.execPath, ["test", ...args, `./${file}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: directory },
  });
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => parts.push(part));
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const { promise, resolve } = Promise.withResolvers<number | null>();
  // A process that a test left behind may hold the pipes: the end of the test's own process counts.
  child.on("exit", (code) => setTimeout(() => resolve(code), 50));
  const code = await promise;
  clearTimeout(timer);
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  for (const what of clearLeftovers(directory)) console.log(`left behind by ${file}: ${what}`);
  const output = Buffer.concat(parts).toString();
  const count = (word: string) => Number(new RegExp(`^\\s*(\\d+) ${word}$`, "m").exec(output)?.[1] ?? 0);
  const failed = Math.max(count("fail"), code === 0 ? 0 : 1);
  return { file, passed: count("pass"), failed, seconds: (performance.now() - started) / 1000, output };
}

function report(result: FileResult): FileResult {
  const { file, passed, failed, seconds, output } = result;
  const skipped = output.split("\n").filter((line) => /^(\(skip\)|\(todo\)|skipped)/.test(line));
  if (failed > 0) console.log(output);
  for (const line of skipped) console.log(line);
  const word = failed === 0 ? "ok    " : "FAILED";
  console.log(
    `${word} ${file}: ${passed} passed${failed > 0 ? `, ${failed} failed` : ""} (${seconds.toFixed(1)} s)`,
  );
  return result;
}
