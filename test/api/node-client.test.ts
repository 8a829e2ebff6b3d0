import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveEngine } from "../../src/api/serve-engine.ts";
import { memoryEngine } from "../fixtures/memory-engine/engine.ts";

const node = Bun.which("node");

const script = `
import { connect } from "./slipway.mjs";
const out = {};
const engine = await connect({ socketPath: process.argv[2] });
for await (const line of engine.images.pull("busybox")) out.pulled = line.status;
const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["cat"], OpenStdin: true });
const streams = await engine.containers.attach(Id, { stdin: true, stdout: true, stream: true });
const waiting = engine.containers.wait(Id, { condition: "next-exit" });
await engine.containers.start(Id);
await streams.write(Buffer.from("from node"));
await streams.closeInput();
out.output = "";
for await (const chunk of streams.output) out.output += Buffer.from(chunk.data);
out.exit = (await waiting).StatusCode;
async function* archive() { for (let sent = 0; sent < 100; sent++) yield new Uint8Array(65536); }
for await (const line of engine.images.load(archive())) out.loaded = line.stream;
out.code = await engine.containers.inspect("none").catch((error) => error.code);
out.refused = await connect({ socketPath: "/does/not/exist" }).catch((error) => error.code);
const abort = AbortSignal.timeout(50);
for await (const event of engine.system.events({}, { signal: abort })) void event;
console.log(JSON.stringify(out));
`;

test.skipIf(node === null)("connect() works on Node, streams and hijacked connections too", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-node-"));
  try {
    const path = join(directory, "s.sock");
    await using _server = await serveEngine(memoryEngine(), { address: { path }, version: "0.1.0" });
    const entry = join(import.meta.dir, "../../src/index.ts");
    const bundle = await Bun.build({ entrypoints: [entry], target: "node", format: "esm" });
    await writeFile(join(directory, "slipway.mjs"), await (bundle.outputs[0] as Blob).text());
    await writeFile(join(directory, "script.mjs"), script);
    const child = Bun.spawn([node ?? "node", join(directory, "script.mjs"), path], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      pulled: "Status: Downloaded newer image for busybox:latest",
      output: "from node",
      exit: 0,
      loaded: "Loaded image: loaded:latest (6553600 bytes)\n",
      code: "not_found",
      refused: "unavailable",
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});
