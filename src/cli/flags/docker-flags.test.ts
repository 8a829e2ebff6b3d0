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
