import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commands, groups } from "../command-table.ts";
import type { Flags } from "./flag.ts";
import { parseFlags } from "./parse-flags.ts";

const file = fileURLToPath(new URL("../../../test/data/docker-cli/flags.json", import.meta.url));
const table = JSON.parse(readFileSync(file, "utf8")) as Record<
  string,
  [name: string, short: string, kind: string][]
>;

/** A good value of each kind, where any text will not do. */
const kinds: Readonly<Record<string, string>> = {
  bytes: "10m",
  decimal: "1.5",
  duration: "1m30s",
  int: "10",
  uint16: "100",
  uint: "10",
  ulimit: "nofile=1024:2048",
  "gpu-request": "all",
};
/** And of flags with a grammar of their own. */
const values: Readonly<Record<string, string>> = {
  "add-host": "a:1.2.3.4",
  attach: "stdin",
  dns: "1.1.1.1",
  mount: "type=volume,target=/x",
  sysctl: "net.ipv4.ip_forward=1",
  "blkio-weight-device": "/dev/sda:500",
  "device-read-bps": "/dev/sda:1mb",
  "device-read-iops": "/dev/sda:1000",
  "device-write-bps": "/dev/sda:1mb",
  "device-write-iops": "/dev/sda:1000",
};

describe.each(Object.entries(table))("docker %s", (name, rows) => {
  test.each(rows)("--%s", async (flag, short, kind) => {
    const { flags } = await loadCommand(name);
    const ours = flags[flag];
    expect(ours === undefined ? undefined : [ours.short ?? "", ours.bare !== undefined]).toEqual([
      short,
      kind === "",
    ]);
    const words = kind === "" ? [`--${flag}`] : [`--${flag}`, values[flag] ?? kinds[kind] ?? "x"];
    expect(taken(words, flags)).toMatch(/^(taken|.*not supported: .+)$/s);
    if (kind !== "") expect(taken([`--${flag}`], flags)).toBe(`flag needs an argument: --${flag}`);
  });
});

async function loadCommand(name: string) {
  const [first = "", verb] = name.split(" ");
  const found = verb === undefined ? commands[first] : groups[first]?.verbs[verb];
  if (found === undefined) throw new Error(`no command ${name}`);
  return await found.load();
}

function taken(words: readonly string[], flags: Flags): string {
  try {
    return parseFlags(words, flags).given.size === 1 ? "taken" : "lost";
  } catch (error) {
    return (error as Error).message;
  }
}

test.each([
  ["--net", "n", "network"],
  ["--net-alias", "n", "network-alias"],
  ["--dns-opt", "n", "dns-option"],
])("docker run %s is another name that it still takes", async (word, value, name) => {
  const { flags } = await loadCommand("run");
  expect(parseFlags([word, value], flags).flags[name]).toEqual([value]);
});

test.each([
  ["--add-host", "a:1.2.3.4.5", 'invalid IP address in add-host: "1.2.3.4.5"'],
  ["--sysctl", "kernel.hostname=x", "sysctl 'kernel.hostname=x' is not allowed"],
  ["--ulimit", "nope=1", "invalid ulimit type: nope"],
  ["--mount", "type=volume", "target is required"],
  ["--env", "=x", "invalid environment variable: =x"],
  ["--dns", "nope", "IP address is not correctly formatted: nope"],
])("docker run %s %s is told with its flag", async (flag, value, why) => {
  const { flags } = await loadCommand("run");
  const shown = flag === "--env" ? "-e, --env" : flag;
  expect(taken([flag, value], flags)).toBe(`invalid argument "${value}" for "${shown}" flag: ${why}`);
});
