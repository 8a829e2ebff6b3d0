/** Follows a container's log until it ends, and stops it after three lines. */
import { connect } from "slipway";

await using engine = await connect({
  socketPath: process.env["SLIPWAY_SOCKET"] ?? "/run/slipway/slipway.sock",
});

const { Id } = await engine.containers.create({
  Image: process.env["IMAGE"] ?? "busybox",
  Cmd: ["sh", "-c", "while echo tick; do sleep 0.1; done"],
  HostConfig: { AutoRemove: true },
});
await engine.containers.start(Id);

const stop = new AbortController();
let lines = 0;
const { output } = await engine.containers.logs(Id, { follow: true, stdout: true }, { signal: stop.signal });
for await (const { data } of output) {
  process.stdout.write(data);
  lines += data.filter((byte) => byte === 10).length;
  if (lines >= 3) break;
}
await engine.containers.stop(Id, { timeout: 0 });
