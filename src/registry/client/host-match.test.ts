import { expect, test } from "bun:test";
import { bypassesProxy, isInsecure, isLoopback } from "./host-match.ts";

test("isLoopback() knows this machine by name and address", () => {
  for (const host of [
    "localhost",
    "localhost:5000",
    "127.0.0.1:80",
    "127.9.9.9",
    "[::1]:5000",
    "a.localhost",
  ])
    expect([host, isLoopback(host)]).toEqual([host, true]);
  for (const host of [
    "docker.io",
    "128.0.0.1",
    "localhost.evil.com",
    "127.0.0.1.evil.com:5000",
    "notlocalhost",
  ])
    expect([host, isLoopback(host)]).toEqual([host, false]);
});

test("isInsecure() matches hosts, ports and CIDR blocks", () => {
  expect(isInsecure("reg.local:5000", ["reg.local:5000"])).toBe(true);
  expect(isInsecure("reg.local:5001", ["reg.local:5000"])).toBe(false);
  expect(isInsecure("reg.local:5001", ["reg.local"])).toBe(true);
  expect(isInsecure("10.1.2.3:5000", ["10.0.0.0/8"])).toBe(true);
  expect(isInsecure("11.1.2.3:5000", ["10.0.0.0/8", "nonsense/x", "1.2.3.4/99"])).toBe(false);
  expect(isInsecure("[fd00::1]:5000", ["fd00::/8"])).toBe(true);
});

test("bypassesProxy() reads NO_PROXY", () => {
  const bypassed = (url: string, list: string) => bypassesProxy(new URL(url), list);
  expect(bypassed("http://127.0.0.1:5000/", "")).toBe(true);
  expect(bypassed("https://docker.io/", "")).toBe(false);
  expect(bypassed("https://docker.io/", "*")).toBe(true);
  expect(bypassed("https://reg.corp/", "a, .corp")).toBe(true);
  expect(bypassed("https://reg.corp/", "corp")).toBe(true);
  expect(bypassed("https://regcorp/", "corp")).toBe(false);
  expect(bypassed("https://reg.corp:8443/", "reg.corp:8443")).toBe(true);
  expect(bypassed("https://reg.corp/", "reg.corp:8443")).toBe(false);
  expect(bypassed("https://10.2.3.4/", "10.0.0.0/8")).toBe(true);
  expect(bypassed("https://[fd00::2]/", "fd00::2")).toBe(true);
});
