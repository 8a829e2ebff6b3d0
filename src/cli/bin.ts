import { main } from "./main.ts";

const interrupted = new AbortController();
process.once("SIGINT", () => {
  // A command that passes signals on, or ends itself, has a listener of its own.
  if (process.listenerCount("SIGINT") > 0) return;
  interrupted.abort();
  setTimeout(() => process.exit(130), 1000).unref();
});

// No top-level await: the executable holds bytecode, which Bun makes of plain scripts alone.
void main(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
}).then((code) => {
  process.exitCode = code;
});
