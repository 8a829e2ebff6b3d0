import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { MountSpec } from "./mount-spec.ts";
import { parseMount } from "./parse-mount.ts";
import { parseDevice } from "./parse-run.ts";

test("parseMount() reads every type with its defaults", () => {
  const cases: [string, MountSpec][] = [
    ["target=/a", { type: "bind", target: "/a", readWrite: false }],
    [
      "type=bind,src=s,from=base,dst=/a,rw",
      { type: "bind", source: "s", from: "base", target: "/a", readWrite: true },
    ],
    ["type=cache,target=/c", { type: "cache", target: "/c", sharing: "shared", readOnly: false }],
    [
      "type=cache,id=x,target=/c,sharing=locked,ro,mode=0755,uid=1,gid=2",
      {
        type: "cache",
        id: "x",
        target: "/c",
        sharing: "locked",
        readOnly: true,
        mode: 0o755,
        uid: 1,
        gid: 2,
      },
    ],
    ["type=tmpfs,target=/t,size=1m", { type: "tmpfs", target: "/t", size: 1_048_576 }],
    ["type=secret,id=npm", { type: "secret", id: "npm", target: "/run/secrets/npm", required: false }],
    ["type=secret,target=/x/key,required", { type: "secret", id: "key", target: "/x/key", required: true }],
    ["type=secret,id=t,env=TOKEN", { type: "secret", id: "t", env: "TOKEN", required: false }],
    ["type=ssh", { type: "ssh", required: false }],
    ['type=bind,"source=a,b",target=/a', { type: "bind", source: "a,b", target: "/a", readWrite: false }],
  ];
  for (const [text, spec] of cases) expect(parseMount(text), text).toEqual(spec);
});

test("parseMount() refuses what BuildKit refuses, with its words", () => {
  const cases: [string, string][] = [
    ["type=bind,target=/a,z", "invalid field 'z' must be a key=value pair"],
    ["typ=tmpfs,target=/a", "unexpected key 'typ' in 'typ=tmpfs' (did you mean type?)"],
    ["type=tmp,target=/a", 'unsupported mount type "tmp" (did you mean tmpfs?)'],
    ["from=$x,target=/a", "'from' doesn't support variable expansion, define alias stage instead"],
    ["type=cache", 'a mount of type "cache" needs a target'],
    ["type=cache,target=/", 'invalid mount target "/"'],
    ["type=bind,target=/a,mode=755", "unexpected key 'mode' for mount type 'bind'"],
    ["type=cache,target=/a,mode=9", "invalid value 9 for mode"],
    ["type=cache,target=/a,sharing=x", 'unsupported sharing value "x"'],
    ["type=secret", "invalid secret mount. one of source, target required"],
    ["type=secret,id=a,required=maybe", "invalid value for required: maybe"],
  ];
  for (const [text, message] of cases) expect(() => parseMount(text), text).toThrow(message);
});

test("parseMount() fills in variables when it is given how", () => {
  const text = "type=cache,target=$HOME/.cache,uid=${U}";
  expect(parseMount(text)).toMatchObject({ target: "$HOME/.cache" });
  const expand = (word: string): string => word.replace("$HOME", "/root").replace("${U}", "7");
  expect(parseMount(text, expand)).toMatchObject({ target: "/root/.cache", uid: 7 });
});

test("parseDevice() answers BuildKit's table", () => {
  const url = new URL("../../test/data/dockerfile/dockerfile_parser.json", import.meta.url);
  interface Row {
    input: string;
    expected: { Name: string; Required: boolean } | null;
    expectedErr: string | null;
  }
  const tables = Object.values(
    JSON.parse(readFileSync(url, "utf8")) as Record<string, { func: string; rows: Row[] }[]>,
  ).flat();
  for (const { input, expected, expectedErr } of tables.find(({ func }) => func === "TestParseDevice")
    ?.rows ?? []) {
    if (expected === null) expect(() => parseDevice(input), input).toThrow(expectedErr ?? "");
    else expect(parseDevice(input), input).toEqual({ name: expected.Name, required: expected.Required });
  }
});
