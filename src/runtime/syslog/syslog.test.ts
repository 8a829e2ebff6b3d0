import { expect, test } from "bun:test";
import { syslogMessage } from "./syslog-message.ts";
import { type SyslogFormat, syslogTarget } from "./syslog-target.ts";

const line = {
  stream: "stdout",
  time: "2026-01-02T03:04:05.123456789Z",
  text: Buffer.from("hello"),
} as const;
const sender = { hostname: "host", tag: "web", pid: 7 };

test("syslogMessage() writes RFC 3164 and RFC 5424 with facility and severity", () => {
  const write = (format: SyslogFormat, stream: "stdout" | "stderr" = "stdout") =>
    syslogMessage({ ...line, stream }, sender, { facility: 3, format }).toString();
  expect(write("rfc5424")).toBe("<30>1 2026-01-02T03:04:05Z host web 7 web - hello");
  expect(write("rfc5424micro")).toBe("<30>1 2026-01-02T03:04:05.123456Z host web 7 web - hello");
  expect(write("")).toMatch(/^<30>Jan  [123] \d\d:04:05 web\[7\]: hello$/);
  expect(write("rfc3164", "stderr")).toMatch(/^<27>Jan  [123] \d\d:04:05 host web\[7\]: hello$/);
});

test("syslogTarget() reads addresses, facilities and formats", () => {
  const target = (address: string, more = {}) => syslogTarget({ "syslog-address": address, ...more });
  expect(syslogTarget({})).toEqual({ transport: "unix", host: "/dev/log", port: 0, facility: 3, format: "" });
  expect(target("udp://logs.example:1514")).toMatchObject({
    transport: "udp",
    host: "logs.example",
    port: 1514,
  });
  expect(target("tcp://[::1]")).toMatchObject({ transport: "tcp", host: "::1", port: 514 });
  expect(target("unixgram:///run/log")).toMatchObject({ transport: "unix", host: "/run/log" });
  expect(target("udp://h", { "syslog-facility": "local7", "syslog-format": "rfc5424" })).toMatchObject({
    facility: 23,
    format: "rfc5424",
  });
  expect(target("udp://h", { "syslog-facility": "4" }).facility).toBe(4);
});

test("syslogTarget() refuses in Docker's words", () => {
  const refused = (options: Record<string, string>) => {
    try {
      syslogTarget(options);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused({ "syslog-address": "logs" })).toContain("should be in form proto://address, got logs");
  expect(refused({ "syslog-address": "unix://relative" })).toContain("should be in form proto://address");
  expect(refused({ "syslog-address": "http://h" })).toBe("unsupported scheme: 'http'");
  expect(refused({ "syslog-address": "tcp+tls://h:1" })).toContain("is not supported");
  expect(refused({ "syslog-facility": "nobody" })).toBe("invalid syslog facility");
  expect(refused({ "syslog-facility": "24" })).toBe("invalid syslog facility");
  expect(refused({ "syslog-format": "x" })).toBe("invalid syslog format: x");
});
