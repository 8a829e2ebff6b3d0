/**
 * `npm run fuzz [-- --count N] [--only INDEX]`: mutated Dockerfiles, words and .dockerignore files from a fixed seed.
 * Each must be read, or refused with the right error, within a second. Exits 1 when one is not.
 */
import { Worker } from "node:worker_threads";
import type { Complaint } from "../test/fuzz/fuzz-dockerfile.ts";

/** An input that is at work for longer will never end; milliseconds. */
const hangTime = 20_000;

function option(name: string): number | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : Number(process.argv[at + 1]);
}

const only = option("--only");
const first = only ?? 0;
const end = only === undefined ? (option("--count") ?? 100_000) : only + 1;
const progress = new SharedArrayBuffer(4);
const current = new Int32Array(progress);
const complaints: Complaint[] = [];
const started = performance.now();

function report(complaint: Complaint): void {
  complaints.push(complaint);
  const { index, target, input, problem } = complaint;
  console.log(`input ${index} (${target}): ${problem}\n  ${JSON.stringify(input.slice(0, 2000))}`);
}

const worker = new Worker(new URL("../test/fuzz/fuzz-worker.ts", import.meta.url), {
  workerData: { first, end, progress },
});
worker.on("message", report);

let last = -1;
const watch = setInterval(() => {
  const now = Atomics.load(current, 0);
  if (now === last) {
    console.log(`input ${now} does not end`);
    process.exit(1);
  }
  last = now;
}, hangTime);

worker.on("error", (error) => {
  console.log(`input ${Atomics.load(current, 0)} ended the thread: ${error.message}`);
  process.exit(1);
});
worker.on("exit", () => {
  clearInterval(watch);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${end - first} inputs, ${complaints.length} problems, ${seconds} s`);
  process.exit(complaints.length === 0 ? 0 : 1);
});
