import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "bun:test";
import type { ContainerCreate } from "../../engine/types/container.ts";
import { containerFlags } from "../flags/container-flags.ts";
import { parseFlags } from "../flags/parse-flags.ts";
import { containerSpec } from "./container-spec.ts";
import { readEnvFile } from "./env-file.ts";
import { restartPolicy } from "./host-spec.ts";

interface Table {
  readonly func: string;
  readonly var: string;
  readonly rows: readonly unknown[] | Readonly<Record<string, unknown>>;
}
type Row = Readonly<Record<string, unknown>>;

const data = new URL("../../../test/data/docker-cli/", import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, data));
const tables = ["cli_container_opts.json", "cli_opts.json"].flatMap((name) =>
  Object.values(JSON.parse(readFileSync(path(name), "utf8")) as Record<string, Table[]>).flat(),
);

function rows(func: string, name?: string): Row[] {
  const found =
    tables.find((one) => one.func === func && (name === undefined || one.var === name))?.rows ?? [];
  return (Array.isArray(found) ? found : Object.entries(found)) as Row[];
}

/** Rows that are a pair. `8080/ncp` goes: it is no protocol, and is told here, not by the daemon as in Docker. */
function pairs<T = string>(func: string, name: string): [string, T][] {
  return (rows(func, name) as unknown as [string, T][]).filter(([first]) => first !== "8080/ncp");
}

/** The body of the request for `docker run WORDS image cmd`. */
function specOf(words: readonly string[], env: Record<string, string> = {}): ContainerCreate {
  const { flags, args, given } = parseFlags([...words, "img", "cmd"], containerFlags, {
    interspersed: false,
  });
  const [image = "", ...command] = args;
  return containerSpec(flags, { image, command, given, detach: false, env });
}

function failure(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

const split = (text: unknown) =>
  String(text ?? "")
    .split(" ")
    .filter((word) => word !== "");
const endpoints = (spec: ContainerCreate) => spec.NetworkingConfig?.EndpointsConfig ?? {};

test("containerSpec() without options is what docker sends", () => {
  const spec = specOf([]);
  expect(spec).toMatchObject({ Image: "img", Cmd: ["cmd"], Tty: false, OpenStdin: false, Entrypoint: null });
  expect(spec.HostConfig).toMatchObject({
    NetworkMode: "default",
    RestartPolicy: { Name: "no" },
    AutoRemove: false,
  });
});

describe("--attach", () => {
  test.each(rows("TestParseRunAttach"))("%j", (row) => {
    const { AttachStdin = false, AttachStdout = false, AttachStderr = false } = row["expected"] as Row;
    expect(specOf(split(row["input"]))).toMatchObject({ AttachStdin, AttachStdout, AttachStderr });
  });

  test.each(rows("TestValidateAttach", "valid"))("%s", (word) => {
    expect(failure(() => specOf(["-a", String(word)]))).toBe("");
  });

  test.each(rows("TestParseRunWithInvalidArgs"))("%j", (row) => {
    const words = (row["args"] as string[]).slice(0, -2);
    expect(
      failure(() =>
        specOf(row["args"] === undefined ? [] : words.length < 2 ? (row["args"] as string[]) : words),
      ),
    ).toBe(row["error"] as string);
  });
});

test.each(rows("TestParseRunLinks"))("--link %j", (row) => {
  const spec = specOf(split(row["input"]));
  expect(spec.HostConfig?.Links).toEqual((row["expHostConfigLinks"] ?? []) as string[]);
  const wanted = Object.entries((row["expNetConfigLinks"] ?? {}) as Record<string, string[] | null>);
  for (const [name, links] of wanted) expect(endpoints(spec)[name]?.Links ?? null).toEqual(links);
});

describe("--network", () => {
  test.each(rows("TestParseNetworkConfig"))("%j", (row) => {
    const words = row["flags"] as string[];
    if (row["expectedErr"] !== undefined) {
      expect(failure(() => specOf(words))).toContain(row["expectedErr"] as string);
      return;
    }
    const spec = specOf(words);
    const host = row["expectedHostCfg"] as { NetworkMode: string };
    expect(spec.HostConfig?.NetworkMode).toBe(host.NetworkMode);
    const clean = (value: unknown): unknown =>
      JSON.parse(
        JSON.stringify(value, (key, item: unknown) =>
          key === "$type" || (Array.isArray(item) && item.length === 0) ? undefined : item,
        ),
      );
    for (const [name, settings] of Object.entries(row["expected"] as Row))
      expect(clean(endpoints(spec)[name] ?? {})).toEqual(clean(Array.isArray(settings) ? {} : settings));
  });

  test.each(rows("TestNetworkOptAdvancedSyntax"))("%j", (row) => {
    const [wanted] = row["expected"] as Row[];
    const settings = endpoints(specOf(["--network", row["value"] as string]))[wanted?.["Target"] as string];
    expect(settings?.Aliases ?? []).toEqual((wanted?.["Aliases"] ?? []) as string[]);
    expect(settings?.DriverOpts ?? {}).toEqual((wanted?.["DriverOpts"] ?? {}) as Record<string, string>);
    expect(settings?.IPAMConfig?.IPv4Address).toBe(wanted?.["IPv4Address"] as string);
    expect(settings?.IPAMConfig?.LinkLocalIPs ?? []).toEqual((wanted?.["LinkLocalIPs"] ?? []) as string[]);
    expect(settings?.GwPriority ?? 0).toBe((wanted?.["GwPriority"] ?? 0) as number);
  });

  test.each(rows("TestNetworkOptAdvancedSyntaxInvalid"))("%j", (row) => {
    expect(failure(() => specOf(["--network", row["value"] as string]))).toContain(
      row["expectedError"] as string,
    );
  });
});

describe("--expose", () => {
  test.each(pairs<string[]>("TestParseWithExpose", "valids"))("%j", (port, ports) => {
    expect(Object.keys(specOf(["--expose", port]).ExposedPorts ?? {})).toEqual(ports);
  });
  test.each(pairs("TestParseWithExpose", "invalids"))("%j", (port) => {
    expect(failure(() => specOf(["--expose", port]))).not.toBe("");
  });
});

describe("--device", () => {
  const plain = rows("TestParseDevice").filter((row) => row["deviceRequests"] === undefined);
  test.each(plain)("%j", (row) => {
    const { $type: _type, ...wanted } = row["deviceMapping"] as Row;
    const words = (row["devices"] as string[]).flatMap((device) => ["--device", device]);
    expect(specOf(words).HostConfig?.Devices).toEqual([wanted as never]);
  });
  test.each(rows("TestValidateDevice", "valid"))("%s", (device) => {
    expect(failure(() => specOf(["--device", String(device)]))).toBe("");
  });
  test.each(pairs("TestValidateDevice", "invalid"))("%j", (device, words) => {
    expect(failure(() => specOf(["--device", device]))).toContain(words);
  });
});

test.each(rows("TestParseRestartPolicy"))("--restart %j", (row) => {
  const input = (row["input"] ?? "") as string;
  if (row["expectedErr"] !== undefined) {
    expect(failure(() => restartPolicy(input))).toBe(row["expectedErr"] as string);
    return;
  }
  const { MaximumRetryCount = 0 } = (row["expected"] ?? {}) as Row;
  expect(restartPolicy(input)).toEqual({
    Name: input.replace(/:.*/, "") as "no",
    MaximumRetryCount: MaximumRetryCount as number,
  });
});

test.each(rows("TestParseSystemPaths"))("--security-opt %j", (row) => {
  const words = (row["in"] as string[]).flatMap((option) => ["--security-opt", option]);
  const { SecurityOpt, MaskedPaths, ReadonlyPaths } = specOf(words).HostConfig ?? {};
  expect(SecurityOpt).toEqual(row["out"] as string[]);
  expect([MaskedPaths, ReadonlyPaths] as unknown[]).toEqual([row["masked"], row["readonly"]]);
});

test.each(pairs<string[]>("TestConvertToStandardNotation", "valid"))("-p %j", (given, written) => {
  const of = (words: readonly string[]) =>
    specOf(words.flatMap((word) => ["-p", word])).HostConfig?.PortBindings;
  expect(of(written)).toEqual(of(split(given)) as never);
});

test.each(pairs("TestConvertToStandardNotation", "invalid"))("-p %j", (given) => {
  expect(failure(() => specOf(["-p", given]))).not.toBe("");
});

test.each(rows("TestValidateEnv"))("--env %j", (row) => {
  const { $expr } = (row["expected"] ?? {}) as Row;
  const wanted = $expr === undefined ? row["expected"] : "PATH=/bin";
  const run = () => specOf(["-e", row["value"] as string], { PATH: "/bin" }).Env;
  if (row["expectedErr"] === undefined) expect(run()).toEqual([wanted as string]);
  else expect(failure(run)).toContain(row["expectedErr"] as string);
});

test.each(rows("TestValidateLabel"))("--label %j", (row) => {
  const message = failure(() => specOf(["-l", (row["value"] ?? "") as string]));
  expect(message).toContain((row["expectedErr"] ?? "") as string);
  expect(message === "").toBe(row["expectedErr"] === undefined);
});

describe("--link", () => {
  test.each(rows("TestValidateLink", "valid"))("%s", (word) => {
    expect(failure(() => specOf(["--link", String(word)]))).toBe("");
  });
  test.each(pairs("TestValidateLink", "invalid"))("%j", (word, message) => {
    expect(failure(() => specOf(["--link", word]))).toContain(message);
  });
});

test.each(rows("TestValidateDNSSearch", "valid"))("--dns-search %s", (word) => {
  expect(specOf(["--dns-search", String(word)]).HostConfig?.DnsSearch).toHaveLength(1);
});

test.each(rows("TestValidateDNSSearch", "invalid"))("--dns-search %j is refused", (word) => {
  expect(failure(() => specOf(["--dns-search", String(word)]))).toContain("is not a valid domain");
});

test.each(rows("TestValidateIPAddress"))("--dns %j", (row) => {
  const run = () => specOf(["--dns", row["input"] as string]).HostConfig?.Dns;
  if (row["expectedErr"] === undefined) expect(run()).toEqual([row["expectedOut"] as string]);
  else expect(failure(run)).toContain(row["expectedErr"] as string);
});

test.each([
  [["--memory=invalid"], 'invalid argument "invalid" for "-m, --memory" flag: invalid size: \'invalid\''],
  [
    ["--memory-swap=invalid"],
    'invalid argument "invalid" for "--memory-swap" flag: invalid size: \'invalid\'',
  ],
  [["--shm-size=a128m"], 'invalid argument "a128m" for "--shm-size" flag: invalid size: \'a128m\''],
  [["--pid=container:"], "--pid: invalid PID mode"],
  [["--no-healthcheck", "--health-cmd=x"], "--no-healthcheck conflicts with --health-* options"],
  [["--memory-swappiness", "200"], "invalid value: 200. Valid memory swappiness range is 0-100"],
])("%j fails", (words, message) => {
  expect(failure(() => specOf(words))).toBe(message);
});

test("sizes and healthcheck arrive in bytes and nanoseconds", () => {
  const words = [
    "-m",
    "1G",
    "--memory-swap=-1",
    "--shm-size",
    "128m",
    "--health-cmd",
    "x",
    "--health-interval",
    "1m30s",
  ];
  const { HostConfig, Healthcheck } = specOf(words);
  expect(HostConfig).toMatchObject({ Memory: 2 ** 30, MemorySwap: -1, ShmSize: 128 << 20 });
  expect(Healthcheck).toMatchObject({ Test: ["CMD-SHELL", "x"], Interval: 90e9 });
});

describe("readEnvFile()", () => {
  test("valid and with a byte order mark", () => {
    expect(readEnvFile(path("valid.env"), {})).toEqual(["ENV1=value1"]);
    expect(readEnvFile(path("utf8.env"), {})).toEqual(["FOO=BAR", "HELLO=您好", "BAR=FOO"]);
  });

  test.each(["utf16.env", "utf16be.env"])("%s is refused", (name) => {
    expect(failure(() => readEnvFile(path(name), {}))).toContain("invalid utf8 bytes at line");
  });

  test("files come before --env", () => {
    const directory = mkdtempSync(join(tmpdir(), "env-file-"));
    try {
      const file = join(directory, "env");
      writeFileSync(file, "# c\n  A=1 \nB\nNOT_SET\n");
      expect(specOf(["--env-file", file, "-e", "A=2", "-e", "C"], { B: "b" }).Env).toEqual([
        "A=2",
        "B=b",
        "C",
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
