/** Networks of containers that run: connected, disconnected and renamed meanwhile, as users see it from inside. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";
import { collect, EngineProcess, makeBusybox, start } from "../engine/lab.ts";
import { failure } from "../engine/rejects.ts";
import { until } from "../until.ts";

let at: EngineProcess;
let engine: Engine;
beforeAll(async () => {
  at = await EngineProcess.start();
  engine = at.engine;
  await makeBusybox(engine, at.root);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

async function sh(name: string, script: string): Promise<string> {
  const Cmd = ["sh", "-c", script];
  const { Id } = await engine.execs.create(name, { Cmd, AttachStdout: true, AttachStderr: true });
  await using streams = await engine.execs.start(Id);
  return (await collect(streams)).stdout;
}

const sleeper = (name: string, more: ContainerCreate["HostConfig"] = {}) =>
  start(engine, ["sleep", "1000"], { name, HostConfig: more });
const remove = (...names: string[]) =>
  Promise.all(names.map((name) => engine.containers.remove(name, { force: true, volumes: true })));
/** The server learns of a change by a signal. */
const finds = (from: string, name: string) =>
  until(
    async () => (await sh(from, `ping -c 1 -W 2 ${name} >/dev/null 2>&1 && echo yes`)) === "yes\n",
    60_000,
  );
const misses = (from: string, name: string) =>
  until(async () => (await sh(from, `ping -c 1 -W 2 ${name} 2>&1`)).includes("bad address"));
const address = async (of: string, network: string) =>
  (await engine.containers.inspect(of)).NetworkSettings.Networks[network]?.IPAddress ?? "";

test("a container of the default network that is connected to another finds names, and forgets them with it", async () => {
  await engine.networks.create({ Name: "names" });
  await sleeper("peer", { NetworkMode: "names" });
  await sleeper("late");
  const before = await sh("late", "cat /etc/resolv.conf");
  await sh("late", "echo 192.0.2.1 mine >> /etc/hosts");
  await engine.networks.connect("names", "late");
  await finds("late", "peer");
  await finds("peer", "late");
  expect((await engine.containers.inspect("peer")).NetworkSettings.Networks["names"]?.DNSNames).toContain(
    "peer",
  );
  const hosts = await sh("late", "cat /etc/hosts");
  expect(hosts).toContain("192.0.2.1 mine\n");
  expect(hosts).toContain(`${await address("late", "names")}\t`);
  await engine.networks.disconnect("names", "late");
  expect(await sh("late", "cat /etc/resolv.conf")).toBe(before);
  expect((await sh("late", "cat /etc/hosts")).split("\n").length).toBe(hosts.split("\n").length - 1);
  await sh("late", "echo nameserver 192.0.2.2 > /etc/resolv.conf");
  await engine.networks.connect("names", "late");
  expect(await sh("late", "cat /etc/resolv.conf")).toBe("nameserver 192.0.2.2\n");
  await remove("peer", "late");
  await engine.networks.remove("names");
});

test("a running container that is renamed is found by its new name alone", async () => {
  await engine.networks.create({ Name: "renames" });
  await sleeper("old", { NetworkMode: "renames" });
  await sleeper("asker", { NetworkMode: "renames" });
  await finds("asker", "old");
  await engine.containers.rename("old", "fresh");
  await finds("asker", "fresh");
  await misses("asker", "old");
  await remove("fresh", "asker");
  await engine.networks.remove("renames");
});

test("published ports go over to another network when theirs is disconnected, with their numbers", async () => {
  await engine.networks.create({ Name: "ports" });
  const HostConfig = { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } };
  const Cmd = ["sh", "-c", "echo here > /index.html; httpd -f -p 80 -h /"];
  await start(engine, Cmd, { name: "web", HostConfig });
  const port = async () =>
    (await engine.containers.inspect("web")).NetworkSettings.Ports["80/tcp"]?.[0]?.HostPort;
  const first = await port();
  const answers = () =>
    until(async () => {
      const answer = await fetch(`http://127.0.0.1:${first}/`).catch(() => undefined);
      return (await answer?.text()) === "here\n";
    });
  await answers();
  await engine.networks.connect("ports", "web");
  await engine.networks.disconnect("bridge", "web");
  expect(await port()).toBe(first ?? "");
  await answers();
  await engine.networks.disconnect("ports", "web");
  await engine.networks.connect("bridge", "web");
  expect(Number(await port())).toBeGreaterThan(0);
  await remove("web");
  await engine.networks.remove("ports");
  expect((await engine.system.check()).problems).toEqual([]);
});

test("a network without IPv4 gives IPv6 addresses and names, and publishes ports", async () => {
  await engine.networks.create({ Name: "six", EnableIPv4: false, EnableIPv6: true });
  expect(await engine.networks.inspect("six")).toMatchObject({ EnableIPv4: false, EnableIPv6: true });
  const Cmd = ["sh", "-c", "echo six > /index.html; httpd -f -p 80 -h /"];
  const PortBindings = { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] };
  await start(engine, Cmd, { name: "web6", HostConfig: { NetworkMode: "six", PortBindings } });
  await sleeper("user6", { NetworkMode: "six" });
  const { Networks, Ports } = (await engine.containers.inspect("web6")).NetworkSettings;
  expect(Networks["six"]).toMatchObject({ IPAddress: "", Gateway: "" });
  expect(Networks["six"]?.GlobalIPv6Address).toContain(":");
  expect(await sh("user6", "ip -4 -o addr show eth0; ip -4 route")).toBe("");
  await until(async () => (await sh("user6", "wget -qO- http://web6/ 2>/dev/null")) === "six\n");
  const answer = await fetch(`http://127.0.0.1:${Ports["80/tcp"]?.[0]?.HostPort}/`);
  expect(await answer.text()).toBe("six\n");
  await remove("web6", "user6");
  await engine.networks.remove("six");
});

test("container_iface_prefix names the links inside, and cannot say more than a name", async () => {
  const option = "com.docker.network.container_iface_prefix";
  const Options = { [option]: "lan", "com.docker.network.bridge.gateway_mode_ipv4": "nat" };
  await engine.networks.create({ Name: "prefix", Options });
  await sleeper("inside", { NetworkMode: "prefix" });
  expect(await sh("inside", "ip -4 -o addr show lan0 | wc -l")).toBe("1\n");
  const hostile = engine.networks.create({ Name: "hostile", Options: { [option]: "x\nlink del lo" } });
  expect(await failure(hostile)).toMatchObject({ code: "invalid_argument" });
  await remove("inside");
  await engine.networks.remove("prefix");
});
