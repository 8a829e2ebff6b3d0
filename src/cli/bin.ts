import { askedTrace } from "../internal/telemetry/asked-trace.ts";
import { spanLine } from "../internal/trace.ts";
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
void run();

async function run(): Promise<void> {
  const print = (line: string) => void stderr.write(`${line}\n`);
  const service = process.argv[2] === "engine" ? "slipway-engine" : "slipway";
  const trace = await askedTrace(process.env, service, print);
  if (process.env["SLIPWAY_TRACE"]) print(spanLine("start of the program", 0, performance.now()));
  const work = () =>
    main(process.argv.slice(2), {
      env: process.env,
      get stdin() {
        return process.stdin;
      },
      stdout: lazyStream(1, () => endingWithItsReader(process.stdout)),
      stderr,
      signal: interrupted.signal,
      trace,
    });
  process.exitCode = await trace.span("command", work);
  await trace.flush?.();
}

/** `slipway logs web | head -1` ends quietly once nobody reads any more, with the exit code of a broken pipe. */
function endingWithItsReader(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") console.error(`slipway: cannot write the output: ${error.message}`);
    process.exit(error.code === "EPIPE" ? 128 + 13 : 1);
  });
}
