import { expect, test } from "bun:test";
import type { Engine } from "../../../src/engine/engine.ts";
import { run, start } from "../lab.ts";
import { until } from "../../until.ts";
import { failure } from "../rejects.ts";

export function networkContract(get: () => Engine): void {
  test("networks are made, listed, inspected and removed", async () => {
    const { networks } = get();
    const { Id } = await networks.create({ Name: "net", Labels: { a: "b" } });
    expect(await failure(networks.create({ Name: "net" }))).toEqual({
      code: "conflict",
      message: "network with name net already exists",
    });
    const names = (await networks.list()).map(({ Name }) => Name).toSorted();
    expect(names).toEqual(["bridge", "host", "net", "none"]);
    expect(await networks.inspect("net")).toMatchObject({ Id, Driver: "bridge", Labels: { a: "b" } });
    await networks.remove("net");
    expect(await failure(networks.inspect("net"))).toEqual({
      code: "not_found",
      message: "network net not found",
    });
    expect(await failure(networks.remove("bridge"))).toMatchObject({ code: "forbidden" });
  });

  test("containers of a network find each other by name", async () => {
    const engine = get();
    await engine.networks.create({ Name: "web" });
    const HostConfig = { NetworkMode: "web" };
    const serve = ["sh", "-c", "echo found > /tmp/index.html; exec httpd -f -p 80 -h /tmp"];
    const server = await start(engine, serve, { name: "server", HostConfig });
    const ask = "for i in 1 2 3 4 5 6; do wget -q -O- http://server/ && break; sleep 0.2; done";
    expect((await run(engine, ["sh", "-c", ask], { HostConfig })).stdout).toBe("found\n");
    const { Containers } = await engine.networks.inspect("web");
    expect(Object.keys(Containers ?? {})).toEqual([server]);
    expect(await failure(engine.networks.remove("web"))).toMatchObject({
      code: expect.stringMatching(/forbidden|conflict/),
    });
    await engine.containers.remove(server, { force: true });
    await engine.networks.remove("web");
  });

  test("connect() and disconnect() change a running container", async () => {
    const engine = get();
    await engine.networks.create({ Name: "late" });
    const id = await start(engine, ["sleep", "100"]);
    const count = async () => {
      const { Id } = await engine.execs.create(id, { Cmd: ["ls", "/sys/class/net"], AttachStdout: true });
      await using streams = await engine.execs.start(Id);
      let text = "";
      for await (const { data } of streams.output) text += Buffer.from(data).toString();
      return text.trim().split("\n").length;
    };
    expect(await count()).toBe(2);
    await engine.networks.connect("late", id);
    await until(async () => (await count()) === 3);
    expect(Object.keys((await engine.containers.inspect(id)).NetworkSettings.Networks).toSorted()).toEqual([
      "bridge",
      "late",
    ]);
    await engine.networks.disconnect("late", id);
    await until(async () => (await count()) === 2);
    await engine.containers.remove(id, { force: true });
    expect((await engine.networks.prune()).NetworksDeleted).toEqual(["late"]);
  });

  test("a network that is not there is told", async () => {
    const { containers } = get();
    const made = containers.create({ Image: "busybox", HostConfig: { NetworkMode: "nowhere" } });
    expect(await failure(made)).toEqual({
      code: "invalid_argument",
      message: "failed to set up container networking: network nowhere not found",
    });
    const joined = containers.create({ Image: "busybox", HostConfig: { NetworkMode: "container:nobody" } });
    expect(await failure(joined)).toEqual({
      code: "invalid_argument",
      message: "joining network namespace of container: No such container: nobody",
    });
  });
}
