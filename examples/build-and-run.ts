/**
 * Builds an image from a Dockerfile in a string, runs a container from it and prints what it says, with an engine that
 * lives as long as the block. `ROOTFS` names a directory with something to run: a static busybox as `bin/busybox`, say.
 */
import { startEngine } from "slipway";

await using engine = await startEngine();

const build = engine.builds.build({
  context: { kind: "directory", path: process.env["ROOTFS"] ?? "." },
  dockerfile: { text: 'FROM scratch\nCOPY . /\nENTRYPOINT ["/bin/busybox"]\n' },
  tags: ["greeter"],
});
for await (const event of build) if (event.type === "image") console.log(`built ${event.id.slice(0, 19)}`);

const { Id } = await engine.containers.create({ Image: "greeter", Cmd: ["echo", "hello from a container"] });
await using streams = await engine.containers.attach(Id, { stream: true, stdout: true, stderr: true });
await engine.containers.start(Id);
for await (const { data } of streams.output) process.stdout.write(data);

const { StatusCode } = await engine.containers.wait(Id);
console.log(`exit code ${StatusCode}`);
