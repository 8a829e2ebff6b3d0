import { connect, createServer } from "node:net";
import { existsSync } from "node:fs";
import { expect, setDefaultTimeout, test } from "bun:test";
import { BridgeDriver } from "../../src/network/bridge-driver.ts";
import { commandOutput } from "../../src/internal/run-command.ts";
import type { Network, PortMapping } from "../../src/network/driver.ts";
import { hostLink } from "../../src/network/links.ts";
import { askTcp, askUdp } from "./ask-functions.ts";
import { end, inside, Lab } from "./lab.ts";

// A test that is cut off cannot clean up: leave time for a busy machine.
setDefaultTimeout(60_000);

function publish(hostPort = 0, more: Partial<PortMapping> = {}): PortMapping {
  return { protocol: "tcp", containerPort: 80, hostIP: "", hostPort, ...more };
}

test("attach() gives address, MAC, link and default route; containers of one bridge reach each other", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const a = await lab.server(network, "a");
  const b = await lab.client(network, "b");
  const prefix = network.subnets[0]?.gateway.replace(/\d+$/, "");
  expect([a.address, b.address]).toEqual([`${prefix}2`, `${prefix}3`]);
  expect(a.macAddress).toMatch(/^02:42:0a:/);
  expect(a.link).toBe("eth0");
  expect(await lab.ask("b", "tcp", a.address, 80)).toBe(`a ::ffff:${b.address}`);
  const routes = await commandOutput(["nsenter", `--net=${lab.namespaces.path("a")}`, "ip", "route"]);
  expect(routes).toContain(`default via ${prefix}1 dev eth0`);
});

test("a published port answers on v4 and v6 loopback, over TCP and UDP", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const server = await lab.server(network, "web", { ports: [publish(), publish(0, { protocol: "udp" })] });
  const [tcp = 0, udp = 0] = server.ports.map(({ hostPort }) => hostPort);
  expect(tcp).toBeGreaterThan(1023);
  const gateway = network.subnets[0]?.gateway;
  expect(await askTcp("127.0.0.1", tcp)).toBe(`web ::ffff:${gateway}`);
  expect(await askTcp("::1", tcp)).toBe(`web ::ffff:${gateway}`);
  expect(await askUdp("127.0.0.1", udp)).toBe(`web ::ffff:${gateway}`);
  expect(await askUdp("::1", udp)).toBe(`web ::ffff:${gateway}`);
});

test("a published port answers other hosts and keeps the client's address; an unpublished one does not", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const server = await lab.server(network, "web", { ports: [publish(), publish(0, { protocol: "udp" })] });
  const [tcp = 0, udp = 0] = server.ports.map(({ hostPort }) => hostPort);
  const host = await lab.otherHost("peer");
  expect(await lab.ask("peer", "tcp", host.here, tcp)).toBe(`web ::ffff:${host.there}`);
  expect(await lab.ask("peer", "udp", host.here, udp)).toBe(`web ::ffff:${host.there}`);
  expect(await lab.ask("peer", "tcp", server.address, 80)).toBeUndefined();
  expect(await askTcp(host.here, tcp)).toStartWith("web ");
});

test("a port published on 127.0.0.1 answers there alone, and the loopback is closed to containers", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const server = await lab.server(network, "web", { ports: [publish(0, { hostIP: "127.0.0.1" })] });
  const port = server.ports[0]?.hostPort ?? 0;
  const host = await lab.otherHost("peer");
  expect(await askTcp("127.0.0.1", port)).toStartWith("web ");
  expect(await lab.ask("peer", "tcp", host.here, port)).toBeUndefined();
  await expect(askTcp("::1", port)).rejects.toThrow();
});

test("a container reaches its own and a neighbour's published port through the host's address", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const server = await lab.server(network, "web", { ports: [publish()] });
  await lab.client(network, "neighbour");
  await lab.client(await lab.network("two"), "stranger");
  const port = server.ports[0]?.hostPort ?? 0;
  const gateway = network.subnets[0]?.gateway ?? "";
  expect(await lab.ask("web", "tcp", gateway, port)).toStartWith("web ");
  expect(await lab.ask("neighbour", "tcp", gateway, port)).toStartWith("web ");
  expect(await lab.ask("stranger", "tcp", gateway, port)).toStartWith("web ");
});

test("bridges are isolated from each other; out of one to other hosts goes under the host's address", async () => {
  await using lab = await Lab.open();
  const one = await lab.network("one");
  const server = await lab.server(one, "web");
  await lab.client(await lab.network("two"), "stranger");
  expect(await lab.ask("stranger", "tcp", server.address, 80)).toBeUndefined();
  const host = await lab.otherHost("peer");
  const peer = await lab.peerServer("peer");
  expect(await lab.ask("web", "tcp", host.there, peer)).toBe(`peer ::ffff:${host.here}`);
});

test("an internal network has no way out, no default route and no published ports", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("inner", { internal: true });
  const a = await lab.server(network, "a", { ports: [publish()] });
  await lab.client(network, "b");
  const host = await lab.otherHost("peer");
  const peer = await lab.peerServer("peer");
  expect(a.ports).toEqual([]);
  expect(await lab.ask("b", "tcp", a.address, 80)).toStartWith("a ");
  expect(await lab.ask("b", "tcp", host.there, peer)).toBeUndefined();
  const routes = await commandOutput(["nsenter", `--net=${lab.namespaces.path("b")}`, "ip", "route"]);
  expect(routes).not.toContain("default");
});

test("attach() with a taken port fails with Docker's words and leaves nothing", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const first = await lab.client(network, "first", { ports: [publish()] });
  const port = first.ports[0]?.hostPort ?? 0;
  const failed = lab.client(network, "second", { ports: [publish(), publish(port)] });
  await expect(failed).rejects.toThrow(
    new RegExp(
      `^driver failed programming external connectivity on endpoint second \\([0-9a-f]{64}\\): ` +
        `Bind for 0\\.0\\.0\\.0:${port} failed: port is already allocated$`,
    ),
  );
  expect(lab.driver.endpoints(network.id).map(({ id }) => id)).toEqual([first.id]);
  const again = await lab.client(network, "third");
  expect(again.address).toEndWith(".3");
});

test("attach() finds a port taken by another process, and chooses a free one of a range", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const other = createServer().listen(0, "127.0.0.1");
  lab.push(() => other.close());
  await new Promise((resolve) => other.once("listening", resolve));
  const taken = (other.address() as { port: number }).port;
  await expect(lab.client(network, "a", { ports: [publish(taken)] })).rejects.toThrow(
    /port is already allocated/,
  );
  const free = await lab.client(network, "b", { ports: [publish(taken, { hostPortEnd: taken + 20 })] });
  expect(free.ports[0]?.hostPort).toBeGreaterThan(taken);
  expect(free.ports[0]).not.toHaveProperty("hostPortEnd");
});

test("attach() with a taken address or one outside the subnet fails", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const first = await lab.client(network, "first");
  await expect(lab.client(network, "b", { address: first.address })).rejects.toThrow(
    "Address already in use",
  );
  await expect(lab.client(network, "c", { address: "10.1.2.3" })).rejects.toThrow(
    "no configured subnet contains IP address 10.1.2.3",
  );
});

test("detach() frees port, address and links, is idempotent, and works when the namespace is gone", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const first = await lab.client(network, "first", { ports: [publish()] });
  await lab.namespaces.delete("first");
  await lab.driver.detach(first);
  await lab.driver.detach(first);
  expect(existsSync(`/sys/class/net/${hostLink(first.id)}`)).toBe(false);
  expect(await commandOutput(["nft", "list", "map", "inet", lab.table, "ports4_any"])).not.toContain(
    "elements",
  );
  const second = await lab.client(network, "second", { ports: first.ports });
  expect(second.address).toBe(first.address);
});

test("delete() refuses while endpoints are attached, then removes link and rules", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const endpoint = await lab.client(network, "a");
  await expect(lab.driver.delete(network)).rejects.toThrow("has active endpoints");
  await lab.driver.detach(endpoint);
  await lab.driver.delete(network);
  expect(existsSync(`/sys/class/net/${network.bridge}`)).toBe(false);
  expect(await commandOutput(["nft", "list", "set", "inet", lab.table, "bridges"])).not.toContain(
    network.bridge,
  );
});

test("after the engine's death v4 ports go on, and restore() holds them again", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const server = await lab.server(network, "web", { ports: [publish()] });
  const port = server.ports[0]?.hostPort ?? 0;
  await lab.driver.close();
  expect(await askTcp("127.0.0.1", port)).toStartWith("web ");
  await expect(askTcp("::1", port)).rejects.toThrow();
  const next = new BridgeDriver({ table: lab.table });
  lab.push(() => next.close());
  await next.restore([network], [server]);
  await next.restore([network], [server]);
  expect(await askTcp("127.0.0.1", port)).toStartWith("web ");
  expect(await askTcp("::1", port)).toStartWith("web ");
  const failed = lab.driver.attach(network, await lab.netns("late"), {
    containerId: "late",
    containerName: "late",
    ports: [publish(port)],
  });
  await expect(failed).rejects.toThrow("port is already allocated");
});

test("an open connection survives restore()", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const server = await lab.server(network, "web", { ports: [publish()] });
  const socket = connect({ host: "127.0.0.1", port: server.ports[0]?.hostPort ?? 0, allowHalfOpen: true });
  lab.push(() => socket.destroy());
  await new Promise((resolve) => socket.once("connect", resolve));
  const next = new BridgeDriver({ table: lab.table });
  lab.push(() => next.close());
  await next.restore([network], [server]);
  const answer = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
  socket.end("hello");
  expect(await answer).toStartWith("web ");
});

test("a network with IPv6 gives addresses and publishes on them", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("six", { enableIPv6: true });
  const server = await lab.server(network, "web", { ports: [publish()] });
  const client = await lab.client(network, "b");
  expect(server.address6).toMatch(/^fd/);
  expect(await lab.ask("b", "tcp", server.address6, 80)).toBe(`web ${client.address6}`);
  const port = server.ports[0]?.hostPort ?? 0;
  expect(await askTcp("::1", port)).toStartWith("web ");
  expect(await askTcp(server.gateway6, port)).toStartWith("web ");
});

test("a second network gives eth1 and no second default route", async () => {
  await using lab = await Lab.open();
  const one = await lab.network("one");
  const two = await lab.network("two");
  await lab.client(one, "a");
  const second = await lab.client(two, "a");
  expect(second.link).toBe("eth1");
  const routes = await commandOutput(["nsenter", `--net=${lab.namespaces.path("a")}`, "ip", "route"]);
  expect(routes.match(/default/g)).toHaveLength(1);
});

test("a client that goes on sending datagrams reaches the next container on the published port", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("udp");
  const { here } = await lab.otherHost("away");
  const hostPort = 23_000 + (process.pid % 5000);
  const port = publish(hostPort, { protocol: "udp", hostIP: here });
  const probe = inside(lab.namespaces.path("away"), [
    process.execPath,
    "-e",
    `import { createSocket } from "node:dgram";
    const socket = createSocket("udp4");
    socket.on("message", (text) => process.stdout.write(text + "\\n"));
    socket.bind(0, () => setInterval(() => socket.send("x", ${hostPort}, "${here}"), 50));`,
  ]);
  lab.push(() => end(probe));
  let heard = "";
  probe.stdout?.on("data", (data: Buffer) => (heard += data.toString()));
  const said = async (name: string) => {
    for (const deadline = Date.now() + 30_000; !heard.includes(`${name} `); await Bun.sleep(20))
      if (Date.now() > deadline) throw new Error(`${name} was not heard: ${heard}`);
  };
  const first = await lab.server(network, "first", { ports: [port] });
  await said("first");
  await lab.driver.detach(first);
  // Another address: the old one is taken meanwhile.
  await lab.client(network, "between");
  await lab.server(network, "second", { ports: [port] });
  await said("second");
});

test("the default route moves to the next network when its own goes, and to one of a higher priority", async () => {
  await using lab = await Lab.open();
  const first = await lab.network("route-one");
  const second = await lab.network("route-two");
  const third = await lab.network("route-three");
  const one = await lab.client(first, "route");
  const netns = lab.namespaces.path("route");
  const gateway = async () => {
    const text = await commandOutput(["nsenter", `--net=${netns}`, "ip", "route", "show", "default"]);
    return text.match(/via (\S+)/)?.[1];
  };
  const attach = async (network: Network, more: object = {}) => {
    const config = { containerId: "route", containerName: "route", ports: [], ...more };
    const endpoint = await lab.driver.attach(network, netns, config);
    lab.push(() => lab.driver.detach(endpoint));
    return endpoint;
  };
  const two = await attach(second);
  expect(await gateway()).toBe(one.gateway);
  const three = await attach(third, { gatewayPriority: 5, linkLocal: ["169.254.7.7"] });
  expect(await gateway()).toBe(three.gateway);
  const addresses = await commandOutput([
    "nsenter",
    `--net=${netns}`,
    "ip",
    "-brief",
    "addr",
    "show",
    three.link,
  ]);
  expect(addresses).toContain("169.254.7.7/16");
  await lab.driver.detach(three);
  expect(await gateway()).toBe(one.gateway);
  await lab.driver.detach(one);
  expect(await gateway()).toBe(two.gateway);
});

test("containers of a user-defined network find each other by name, alias and short ID", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const web = await lab.client(network, "web", { containerId: "0123456789abcdef", aliases: ["www"] });
  const gateway = network.subnets[0]?.gateway;
  expect(web.nameserver).toBe(gateway ?? "");
  await lab.client(network, "asker");
  for (const name of ["web", "www", "0123456789ab"]) {
    expect(await lab.resolve("asker", web.nameserver ?? "", name)).toContain(web.address);
  }
  await lab.driver.detach(web);
  expect(await lab.resolve("asker", web.nameserver ?? "", "web")).not.toContain(web.address);
});

test("create() takes the place of an idle bridge of that name, but not of one in use", async () => {
  await using lab = await Lab.open();
  const options = { "com.docker.network.bridge.name": `swi${process.pid % 1_000_000}` };
  const first = await lab.network("first", { options });
  await lab.client(first, "a");
  const other = new BridgeDriver({ table: `${lab.table}_other` });
  lab.push(() => other.uninstall());
  await other.restore([], []);
  await expect(other.create({ name: "bridge", options })).rejects.toThrow("has links of other containers");
  for (const endpoint of lab.driver.endpoints(first.id)) await lab.driver.detach(endpoint);
  const second = await other.create({ name: "bridge", options });
  const shown = await commandOutput(["ip", "-4", "-br", "addr", "show", "dev", second.bridge]);
  expect(shown).toContain(second.subnets[0]?.gateway ?? "");
  expect(shown).not.toContain(first.subnets[0]?.gateway ?? "");
});

test("attach() side by side fails only for the namespace that is gone", async () => {
  await using lab = await Lab.open();
  const network = await lab.network("one");
  const attach = (name: string, netns: string) =>
    lab.driver.attach(network, netns, { containerId: name, containerName: name, ports: [] });
  const names = ["a", "b", "c", "d"];
  const paths = await Promise.all(names.map((name) => lab.netns(name)));
  const gone = attach("gone", `${paths[0]}-gone`).then(
    () => "attached",
    () => "failed",
  );
  const ends = await Promise.all([...names.map((name, at) => attach(name, paths[at] ?? "")), gone]);
  expect(ends.pop()).toBe("failed");
  for (const end of ends) {
    if (typeof end === "string") throw new Error(end);
    lab.push(() => lab.driver.detach(end));
    expect(existsSync(`/sys/class/net/${hostLink(end.id)}`)).toBe(true);
  }
});
