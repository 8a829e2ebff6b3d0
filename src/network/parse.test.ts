import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import {
  parseExposed,
  parsePortRange,
  parsePortSpec,
  parsePortSpecs,
  portNumber,
  splitProtocol,
} from "./parse.ts";

interface Row {
  doc?: string;
  name?: string;
  input?: string;
  spec?: string;
  in?: string;
  expected?: unknown;
  expErr?: string;
  expError?: string;
  exp?: number;
  expPort?: string | number;
  expProto?: string;
  expBegin?: number;
  expEnd?: number;
}

function table(file: string, func: string): Row[] {
  const path = join(import.meta.dirname, "../../test/data/nat-ports/tables.json");
  const tables = JSON.parse(readFileSync(path, "utf8")) as Record<string, { func: string; rows: Row[] }[]>;
  const rows = tables[file]?.find((entry) => entry.func === func)?.rows ?? [];
  expect(rows.length).toBeGreaterThan(0);
  return rows;
}

test("parsePortRange() follows the table", () => {
  for (const { input = "", expErr, expBegin = 0, expEnd = 0 } of table(
    "parse_test.go",
    "TestParsePortRange",
  )) {
    if (expErr !== undefined) expect(() => parsePortRange(input)).toThrow(expErr);
    else expect(parsePortRange(input)).toEqual({ begin: expBegin, end: expEnd });
  }
});

test("portNumber() follows the table", () => {
  for (const { input = "", expErr, exp } of table("parse_test.go", "TestParsePortNumber")) {
    if (expErr !== undefined) expect(() => portNumber(input)).toThrow(expErr);
    else expect(portNumber(input)).toBe(exp ?? 0);
  }
});

test("splitProtocol() follows the table", () => {
  // Upstream splits any words; here an unknown protocol is refused at once.
  const rows = table("nat_test.go", "TestSplitProtoPort").filter(
    ({ expProto }) => expProto !== "any proto value",
  );
  for (const { input = "", expPort = "", expProto = "" } of rows) {
    expect(splitProtocol(input)).toEqual({ ports: String(expPort), protocol: expProto.toLowerCase() });
  }
});

test("parsePortSpec() follows the tables", () => {
  for (const { spec = "", expError = "" } of table("nat_test.go", "TestParsePortSpecEmptyContainerPort")) {
    expect(() => parsePortSpec(spec)).toThrow(expError);
  }
  const full = table("nat_test.go", "TestParsePortSpecFull");
  expect(upstream("0.0.0.0:1234-1235:3333-3334/tcp")).toEqual(full as unknown as Upstream[]);
  for (const { spec = "", expected } of table("nat_test.go", "TestPartPortSpecIPV6")) {
    expect(upstream(spec)).toEqual(expected as Upstream[]);
  }
  for (const { in: spec = "", expected } of table("nat_test.go", "TestStringer")) {
    expect(upstream(spec).map(text)).toEqual([String(expected)]);
  }
});

test("parsePortSpec() leaves a range of host ports for one container port to the engine", () => {
  expect(parsePortSpec("8000-8010:80")).toEqual([
    { port: "80/tcp", binding: { HostIp: "", HostPort: "8000-8010" } },
  ]);
});

test("parsePortSpec() refuses ranges of unequal length, host names and unknown protocols", () => {
  expect(() => parsePortSpec("8000-8010:80-81")).toThrow(
    "invalid ranges specified for container and host Ports: '80-81' and '8000-8010'",
  );
  expect(() => parsePortSpec("localhost:80:80")).toThrow("invalid IP address: localhost");
  expect(() => parsePortSpec("80/quic")).toThrow("invalid proto: quic");
  expect(() => parsePortSpec("70000:80")).toThrow("invalid hostPort: 70000");
});

test("parsePortSpecs() gathers the bindings of one port and takes the long form", () => {
  const specs = parsePortSpecs(["8080:80", "127.0.0.1:8081:80", "target=53,published=5353,protocol=udp"]);
  expect(specs.bindings).toEqual({
    "80/tcp": [
      { HostIp: "", HostPort: "8080" },
      { HostIp: "127.0.0.1", HostPort: "8081" },
    ],
    "53/udp": [{ HostIp: "", HostPort: "5353" }],
  });
  expect(Object.keys(specs.exposed)).toEqual(["80/tcp", "53/udp"]);
  for (const bad of ["published=1500,target:444", "published=1500,444", "published=1500,target,444"]) {
    expect(() => parsePortSpecs([bad])).toThrow();
  }
});

test("parseExposed() lists every port of a range", () => {
  expect(parseExposed("90-92/udp")).toEqual(["90/udp", "91/udp", "92/udp"]);
  expect(() => parseExposed("80:80")).toThrow("invalid port format for --expose: 80:80");
});

interface Upstream {
  Port: string;
  Binding: { HostIP: string; HostPort: string };
}

function upstream(spec: string): Upstream[] {
  return parsePortSpec(spec).map(({ port, binding }) => ({
    Port: port,
    Binding: { HostIP: binding.HostIp, HostPort: binding.HostPort },
  }));
}

function text({ Port, Binding: { HostIP, HostPort } }: Upstream): string {
  return `${HostIP.includes(":") ? `[${HostIP}]` : HostIP}:${HostPort}:${Port}`;
}
