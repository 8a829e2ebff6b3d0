/** Runs inputs in a thread, so that the script can tell when one of them never ends. */
import { parentPort, workerData } from "node:worker_threads";
import { DockerfileFuzz } from "./fuzz-dockerfile.ts";

const { first, end, progress } = workerData as { first: number; end: number; progress: SharedArrayBuffer };
const current = new Int32Array(progress);
const fuzz = new DockerfileFuzz();
for (let index = first; index < end; index += 1) {
  Atomics.store(current, 0, index);
  const complaint = fuzz.run(index);
  if (complaint !== undefined) parentPort?.postMessage(complaint, []);
}
