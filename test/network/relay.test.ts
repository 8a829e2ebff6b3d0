/** Ways into another network namespace, as an engine without root has them. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Relay } from "../../src/network/relay.ts";
import { listenTcp } from "../../src/network/tcp-proxy.ts";
import { listenUdp } from "../../src/network/udp-proxy.ts";
import { until } from "../until.ts";
import { askTcp, askUdp } from "./ask-functions.ts";
import { Lab } from "./lab.ts";

test("Relay carries TCP connections and UDP datagrams into a namespace, and answers back to each client", async () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-relay-"));
  await using lab = await Lab.open();
  lab.push(() => rmSync(directory, { recursive: true }));
  await lab.netns("web");
  await lab.peerServer("web");
  await using relay = new Relay({ netns: lab.namespaces.path("web"), socket: join(directory, "sock") });
  const address = "127.0.0.1";
  const dial = (port: number) => relay.dial(address, port);
  const dialUdp = (port: number) => relay.dialUdp(address, port);
  const target = { address: "192.0.2.1", port: 80, dial, dialUdp };
  const [tcp, udp] = await Promise.all([listenTcp(address, 0, target), listenUdp(address, 0, target)]);
  lab.push(() => Promise.all([tcp.close(), udp.close()]));
  const answer = `web ::ffff:${address}`;
  await until(async () => (await askTcp(address, tcp.port).catch(() => "")) === answer);
  await until(async () => (await askUdp(address, udp.port).catch(() => "")) === answer);
  const many = Array.from({ length: 20 }, () => askUdp(address, udp.port).catch(() => ""));
  expect(new Set(await Promise.all(many))).toContain(answer);
}, 60_000);
