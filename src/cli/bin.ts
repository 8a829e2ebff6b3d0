import { noTrace, printingTrace, spanLine } from "../internal/trace.ts";
import { lazyStream } from "../platform/stdio.ts";
import { main } from "./main.ts";

const interrupted = new AbortController();
process.once("SIGINT", () => {
  // A command that passes signals on, or ends itself, has a listener of its own.
  if (process.listenerCount("SIGINT") > 0) return;
  interrupted.abort();
  setTimeout(() => process.exit(130), 1000).unref();
});

const stderr = lazyStream(2, () => endingWithItsReader(process.stderr));
const trace = process.env["SLIPWAY_TRACE"] ? printingTrace((line) => stderr.write(`${line}\n`)) : noTrace;
if (trace !== noTrace) stderr.write(`${spanLine("start of the program", 0, performance.now())}\n`);

const work = main(process.argv.slice(2), {
  env: process.env,
  get stdin() {
    return process.stdin;
  },
  stdout: lazyStream(1, () => endingWithItsReader(process.stdout)),
  stderr,
  signal: interrupted.signal,
  trace,
});
void trace
  .span("command", () => work)
  .then((code) => {
    process.exitCode = code;
  });

/** `slipway logs web | head -1` ends quietly once nobody reads any more, with the exit code of a broken pipe. */
function endingWithItsReader(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") console.error(`slipway: cannot write the output: ${error.message}`);
    process.exit(error.code === "EPIPE" ? 128 + 13 : 1);
  });
}
