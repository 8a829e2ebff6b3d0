import { expect, test } from "bun:test";
import { AddressPool, macOf } from "./address-pool.ts";
import { formatAddress, formatCidr, parseAddress, parseCidr } from "./cidr.ts";
import { parseV4Routes, parseV6Routes } from "./host-routes.ts";
import { planNetwork } from "./network-plan.ts";

const input = { id: "ab".repeat(32), createdAt: "2026-01-01T00:00:00Z", networks: [], routes: [] };

test("planNetwork() takes the first default pool that overlaps neither networks nor routes", () => {
  const plan = planNetwork(
    { name: "n" },
    { ...input, networks: [parseCidr("172.17.0.0/16")], routes: [parseCidr("172.18.5.0/24")] },
  );
  expect(plan.subnets).toEqual([{ subnet: "172.19.0.0/16", gateway: "172.19.0.1" }]);
  expect(plan.bridge).toBe("br-abababababab");
});

test("planNetwork() fails when all pools are taken", () => {
  const networks = [parseCidr("172.16.0.0/12"), parseCidr("192.168.0.0/16")];
  expect(() => planNetwork({ name: "n" }, { ...input, networks })).toThrow(
    "all predefined address pools have been fully subnetted",
  );
});

test("planNetwork() adds a unique local /64 with IPv6, and keeps one that is given", () => {
  const own = planNetwork({ name: "n", enableIPv6: true }, input);
  expect(own.subnets[1]?.subnet).toMatch(/^fd[0-9a-f:]+::\/64$/);
  const subnets = [{ subnet: "2001:db8::/64" }];
  const given = planNetwork({ name: "n", enableIPv6: true, subnets }, input);
  expect(given.subnets.map(({ gateway }) => gateway)).toEqual(["172.17.0.1", "2001:db8::1"]);
});

test("planNetwork() refuses overlaps, strange gateways, ranges and bridge names", () => {
  const plan = (subnet: object, options = {}) =>
    planNetwork({ name: "n", subnets: [subnet as { subnet: string }], options }, input);
  const networks = [parseCidr("10.0.0.0/8")];
  expect(() =>
    planNetwork({ name: "n", subnets: [{ subnet: "10.1.0.0/16" }] }, { ...input, networks }),
  ).toThrow("Pool overlaps with other one on this address space");
  expect(() => plan({ subnet: "10.1.0.0/16", gateway: "10.2.0.1" })).toThrow(
    "no matching subnet for gateway 10.2.0.1",
  );
  expect(() => plan({ subnet: "10.1.0.0/16", ipRange: "10.0.0.0/8" })).toThrow(
    "no matching subnet for range",
  );
  expect(() => plan({ subnet: "10.1.0.0/33" })).toThrow(
    "invalid subnet 10.1.0.0/33: invalid CIDR block notation",
  );
  const bad = { "com.docker.network.bridge.name": "a b; flush ruleset" };
  expect(() => plan({ subnet: "10.1.0.0/16" }, bad)).toThrow("invalid bridge name");
});

test("AddressPool gives the lowest free address, skips what is taken, and comes to an end", () => {
  const pool = new AddressPool({ subnet: "10.0.0.0/29", gateway: "10.0.0.1" });
  pool.take("10.0.0.3");
  expect([pool.allocate(), pool.allocate(), pool.allocate(), pool.allocate()]).toEqual([
    "10.0.0.2",
    "10.0.0.4",
    "10.0.0.5",
    "10.0.0.6",
  ]);
  expect(() => pool.allocate()).toThrow("no available IP addresses");
  pool.release("10.0.0.4");
  expect(pool.allocate()).toBe("10.0.0.4");
});

test("AddressPool stays in the range, but gives an address outside it that is asked for", () => {
  const pool = new AddressPool({ subnet: "10.0.0.0/16", gateway: "10.0.0.1", ipRange: "10.0.5.0/24" });
  expect(pool.allocate()).toBe("10.0.5.0");
  expect(pool.allocate("10.0.9.9")).toBe("10.0.9.9");
  expect(() => pool.allocate("10.1.0.1")).toThrow("no configured subnet contains IP address 10.1.0.1");
  expect(() => pool.allocate("10.0.0.1")).toThrow("Address already in use");
});

test("addresses come back from their number in the canonical form", () => {
  for (const text of [
    "0.0.0.0",
    "255.255.255.255",
    "10.0.0.1",
    "::",
    "::1",
    "fd00::1:0:0:2",
    "2001:db8::ffff",
  ]) {
    expect(formatAddress(parseAddress(text))).toBe(text);
  }
  expect(formatCidr(parseCidr("10.1.2.3/8"))).toBe("10.0.0.0/8");
  expect(macOf("172.17.0.2")).toBe("02:42:ac:11:00:02");
});

test("parseV4Routes() and parseV6Routes() read the kernel's tables without default routes", () => {
  const v4 =
    "Iface\tDestination\nlo\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\neth0\t000200C0\t0\t1\t0\t0\t0\t00FFFFFF\n";
  expect(parseV4Routes(v4).map(formatCidr)).toEqual(["192.0.2.0/24"]);
  const v6 = "fd000000000000000000000000000000 40 0 00\nfe800000000000000000000000000000 40 0 00\n";
  expect(parseV6Routes(v6).map(formatCidr)).toEqual(["fd00::/64"]);
});
