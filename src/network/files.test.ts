import { expect, test } from "bun:test";
import { hostsFile, resolvConfFile } from "./files.ts";

test("hostsFile() names the container beside each of its addresses, and extra hosts", () => {
  const text = hostsFile({
    hostname: "web",
    domainname: "example.org",
    addresses: ["172.17.0.2", "", "fd00::2"],
    extraHosts: ["db:10.0.0.1", "gw:host-gateway", "six=[fd00::9]"],
    hostGateway: "172.17.0.1",
  });
  const lines = text.split("\n");
  expect(lines).toContain("172.17.0.2\tweb.example.org web");
  expect(lines).toContain("fd00::2\tweb.example.org web");
  expect(lines).toContain("10.0.0.1\tdb");
  expect(lines).toContain("172.17.0.1\tgw");
  expect(lines).toContain("fd00::9\tsix");
  expect(lines[0]).toBe("127.0.0.1\tlocalhost");
});

test("resolvConfFile() drops loopback servers and keeps search and options of the host", () => {
  const host =
    "# made by hand\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nsearch a.example b.example\noptions edns0\n";
  expect(resolvConfFile({ host })).toBe("nameserver 10.0.0.2\nsearch a.example b.example\noptions edns0\n");
  expect(resolvConfFile({ host, hostNetwork: true })).toStartWith("nameserver 127.0.0.53\n");
});

test("resolvConfFile() falls back to public servers when only loopback ones are known", () => {
  expect(resolvConfFile({ host: "nameserver ::1\n" })).toBe("nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
});

test("resolvConfFile() takes what is asked for before what the host has; a search of . is none", () => {
  const host = "nameserver 10.0.0.2\nsearch a.example\noptions edns0\n";
  const asked = { host, dns: ["1.1.1.1"], dnsSearch: ["."], dnsOptions: ["ndots:2"] };
  expect(resolvConfFile(asked)).toBe("nameserver 1.1.1.1\noptions ndots:2\n");
});
