import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { parseBind } from "./parse-bind.ts";
import { parseMountOption } from "./parse-mount-option.ts";
import { parseMountSpec } from "./parse-mount-spec.ts";

interface Table {
  readonly func: string;
  readonly var: string;
  readonly rows: unknown;
}

function rows<T>(file: string, group: string, func: string, name: string): T {
  const path = join(import.meta.dirname, "../../test/data", file);
  const tables = JSON.parse(readFileSync(path, "utf8")) as Record<string, Table[]>;
  const found = tables[group]?.find((table) => table.func === func && table.var === name);
  if (found === undefined) throw new Error(`no table ${func} ${name}`);
  return found.rows as T;
}

const moby = <T>(func: string, name: string): T =>
  rows<T>("moby-mounts/tables.json", "linux_parser_test.go", func, name);

test("parseBind() takes every valid row of the table and refuses every invalid one in Docker's words", () => {
  for (const spec of moby<string[]>("TestLinuxParseMountRaw", "valid"))
    expect(() => parseBind(spec)).not.toThrow();
  for (const [spec, message] of Object.entries(moby<object>("TestLinuxParseMountRaw", "invalid"))) {
    expect(() => parseBind(spec)).toThrow(message);
  }
});

test("parseBind() gives what the table expects", () => {
  interface Row {
    readonly bind: string;
    readonly expErr?: string;
    readonly expected?: {
      Source?: string;
      Name?: string;
      Destination: string;
      RW: boolean;
      Mode?: string;
      Propagation: string;
      Type: { $expr: string };
    };
  }
  for (const { bind, expErr, expected } of moby<Row[]>("TestLinuxParseMountRawSplit", "tests")) {
    if (expected === undefined) {
      expect(() => parseBind(bind)).toThrow(expErr ?? "");
      continue;
    }
    const parsed = parseBind(bind);
    // Nothing asked for is the default, which the container's creation knows.
    const propagation = parsed.propagation || (parsed.type === "bind" ? "rprivate" : "");
    expect({ ...parsed, propagation }).toMatchObject({
      type: expected.Type.$expr === "mount.TypeBind" ? "bind" : "volume",
      source: expected.Source ?? expected.Name ?? "",
      target: expected.Destination,
      readOnly: !expected.RW,
      mode: expected.Mode ?? "",
      propagation: expected.Propagation,
    });
  }
});

test("parseBind() cleans paths and refuses the root as target", () => {
  expect(parseBind("/a//b/../c/:/d/./e/")).toMatchObject({
    source: "/a/c",
    target: "/d/e",
    createSource: true,
  });
  expect(() => parseBind("/a:/")).toThrow("destination can't be '/'");
  expect(() => parseBind("/a:/..")).toThrow("destination can't be '/'");
  expect(parseBind("data:/d:nocopy,ro")).toMatchObject({ type: "volume", noCopy: true, readOnly: true });
});

const cli = <T>(func: string): T => rows<T>("cli-opts/mount.json", "mount_test.go", func, "range");

test("parseMountOption() follows the tables", () => {
  for (const text of cli<string[]>("TestMountOptSetBindNoErrorBind")) {
    expect(parseMountOption(text, "/")).toEqual({ Type: "bind", Source: "/source", Target: "/target" });
  }
  for (const text of cli<string[]>("TestMountOptSetVolumeNoError")) {
    expect(parseMountOption(text, "/")).toEqual({ Type: "volume", Source: "/source", Target: "/target" });
  }
  for (const text of cli<string[]>("TestMountOptSetTmpfsNoError")) {
    const TmpfsOptions = { SizeBytes: 1024 * 1024, Mode: 0o700 };
    expect(parseMountOption(text, "/")).toEqual({ Type: "tmpfs", Target: "/target", TmpfsOptions });
  }
  for (const { bind, path } of cli<{ bind: string; path: string }[]>("TestMountRelative")) {
    expect(parseMountOption(bind, "/here/now").Source).toBe(path.startsWith("..") ? "/here" : "/here/now");
  }
});

test("parseMountOption() gives the requests that the docker client sends", () => {
  const of = (text: string): object => parseMountOption(text, "/");
  expect(
    of("type=volume,src=v,dst=/x,volume-nocopy,volume-driver=local,volume-opt=a=b,volume-label=l=m"),
  ).toEqual({
    Type: "volume",
    Source: "v",
    Target: "/x",
    VolumeOptions: { NoCopy: true, Labels: { l: "m" }, DriverConfig: { Name: "local", Options: { a: "b" } } },
  });
  expect(of("type=volume,src=v,dst=/x,volume-subpath=sub")).toEqual({
    Type: "volume",
    Source: "v",
    Target: "/x",
    VolumeOptions: { Subpath: "sub", DriverConfig: {} },
  });
  expect(of('type=volume,dst=/x,"volume-opt=o=addr=1.2.3.4,rw"')).toMatchObject({
    VolumeOptions: { DriverConfig: { Options: { o: "addr=1.2.3.4,rw" } } },
  });
});

test("parseMountOption() refuses unknown keys, bare words, mixed options and a missing target", () => {
  const refuse = (text: string, message: string): void => {
    expect(() => parseMountOption(text, "/")).toThrow(message);
  };
  refuse("type=volume,dst=/x,colour=red", "unexpected key 'colour' in 'colour=red'");
  refuse("type=volume,dst", "invalid field 'dst' must be a key=value pair");
  refuse("type=bind,src=/a,dst=/x,volume-nocopy", "cannot mix 'volume-*' options with mount type 'bind'");
  refuse("type=volume", "target is required");
  refuse("dst=/x,readonly=maybe", "invalid value for readonly: maybe");
});

test("parseMountSpec() checks what belongs to the type", () => {
  const refuse = (spec: object, message: string): void => {
    expect(() => parseMountSpec(spec as never)).toThrow(message);
  };
  refuse({ Type: "volume" }, "field Target must not be empty");
  refuse({ Type: "bind", Target: "/foo" }, "field Source must not be empty");
  refuse(
    { Type: "bind", Source: "/a", Target: "/foo", VolumeOptions: {} },
    "field VolumeOptions must not be specified",
  );
  refuse({ Type: "invalid", Target: "/foo" }, "mount type unknown");
  refuse({ Type: "bind", Source: "a", Target: "/foo" }, "mount path must be absolute");
  expect(parseMountSpec({ Type: "volume", Target: "/foo", Source: "hello" })).toMatchObject({
    type: "volume",
    source: "hello",
    propagation: "",
  });
});
