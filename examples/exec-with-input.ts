/** Sends text through a program in a running container and reads what comes out. */
import { connect } from "slipway";

await using engine = await connect({
  socketPath: process.env["SLIPWAY_SOCKET"] ?? "/run/slipway/slipway.sock",
});

const { Id: container } = await engine.containers.create({
  Image: process.env["IMAGE"] ?? "busybox",
  Cmd: ["sleep", "60"],
});
await engine.containers.start(container);

const { Id } = await engine.execs.create(container, {
  Cmd: ["tr", "a-z", "A-Z"],
  AttachStdin: true,
  AttachStdout: true,
});
await using exec = await engine.execs.start(Id);
await exec.write(new TextEncoder().encode("shout this\n"));
await exec.closeInput();
for await (const { data } of exec.output) process.stdout.write(data);

await engine.containers.remove(container, { force: true });
