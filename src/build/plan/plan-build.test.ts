import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { parseDockerfile } from "../../dockerfile/parse-dockerfile.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import type { BuildPlan, KnownImage } from "../vertex.ts";
import { imageKey } from "./image-table.ts";
import { planBuild, type PlanOptions } from "./plan-build.ts";

const platform = { os: "linux", architecture: "amd64" };
const base: ImageConfig = {
  architecture: "amd64",
  os: "linux",
  config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], Cmd: ["/bin/sh"] },
  rootfs: { type: "layers", diff_ids: [`sha256:${"0".repeat(64)}`] },
  history: [{ created_by: "base" }],
};

/** The plan with every image standing for `config`. */
function plan(text: string, options: Partial<PlanOptions> = {}, config: ImageConfig = base): BuildPlan {
  const images = new Map<string, KnownImage>();
  const file = parseDockerfile(text, { filename: "Dockerfile" });
  for (;;) {
    const result = planBuild(file, { platform, buildPlatform: platform, ...options, images });
    if (result.kind === "plan") return result.plan;
    const id = `sha256:${"1".repeat(64)}` as Digest;
    for (const need of result.images)
      images.set(imageKey(need), {
        id,
        manifest: { mediaType: "application/json", digest: id, size: 1 },
        config,
      });
  }
}

interface GoldenRow {
  readonly id: string;
  readonly dockerfile: string;
  readonly image?: object;
  readonly parseError?: string;
  readonly instructionsError?: string;
  readonly buildError?: string;
  readonly opsError?: string;
}

function golden(): GoldenRow[] {
  const path = new URL("../../../test/data/dockerfile/dockerfiles.jsonl", import.meta.url);
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as GoldenRow);
}

/** Comparable text: keys in order, nothing said of the layers, which are not built here. */
function canonical(image: object): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).filter(([key, inner]) => key !== "rootfs" && inner !== null);
    return Object.fromEntries(entries.sort().map(([key, inner]) => [key, sorted(inner)]));
  };
  return JSON.stringify(sorted(image));
}

function agrees(row: GoldenRow): boolean {
  try {
    const { config, history } = plan(row.dockerfile);
    const image = { ...config, ...(history.length > 0 && { history }) };
    return row.image !== undefined && canonical(image) === canonical(row.image);
  } catch {
    return row.image === undefined;
  }
}

test("planBuild() gives the config and history that BuildKit gave for public Dockerfiles", () => {
  const rows = golden();
  const failed = rows.filter((row) => !agrees(row)).map((row) => row.id);
  expect(failed).toEqual([]);
});

test("planBuild() makes an image of the platform asked for, and gives one a PATH that has none", () => {
  const without = { ...base, config: { Env: ["A=1"] } };
  const asked = { isPlatformAsked: true, platform: { os: "linux", architecture: "arm", variant: "v7" } };
  const { config } = plan("FROM --platform=$BUILDPLATFORM parent\nENV B=2\n", asked, without);
  expect([config.architecture, config.variant]).toEqual(["arm", "v7"]);
  expect(config.config?.Env).toEqual(["A=1", expect.stringMatching(/^PATH=.*\/bin$/), "B=2"]);
  const windows = plan("FROM scratch\nCMD x\n", { platform: { os: "windows", architecture: "amd64" } });
  expect(windows.config.config).toMatchObject({ Cmd: ["cmd", "/S", "/C", "x"], Env: [] });
});

test("planBuild() warns of what the build checks find in what it builds", () => {
  const text = "FROM a as unused\nRUN x\nFROM b as used\nCOPY $X ignored /\n";
  const ignores = (path: string): boolean => path === "ignored";
  const ignore = { hasExceptions: false, ignores, skipsDirectory: ignores };
  expect(plan(text, { ignore }).warnings).toEqual([
    { text: "FromAsCasing: 'as' and 'FROM' keywords' casing do not match", line: 1 },
    { text: "FromAsCasing: 'as' and 'FROM' keywords' casing do not match", line: 3 },
    { text: 'CopyIgnoredFile: Attempting to Copy file "ignored" that is excluded by .dockerignore', line: 4 },
    { text: "UndefinedVar: Usage of undefined variable '$X'", line: 4 },
  ]);
  const other = { ...base, architecture: "arm64" };
  expect(plan("FROM a\n", {}, other).warnings[0]?.text).toContain('with platform "linux/arm64"');
  expect(() => plan(`# check=error=true\n${text}`)).toThrow(
    "Dockerfile:2: lint violation found for rules: FromAsCasing, UndefinedVar",
  );
});

test("planBuild() leaves out stages the target does not need", () => {
  const { vertices } = plan("FROM a AS one\nRUN 1\nFROM b AS two\nRUN 2\nFROM c\nCOPY --from=one /x /\n");
  expect(vertices.map((vertex) => vertex.name)).toEqual([
    expect.stringContaining("[stage-2 1/2] FROM docker.io/library/c:latest"),
    expect.stringContaining("[one 1/2] FROM docker.io/library/a:latest"),
    "[one 2/2] RUN 1",
    "[stage-2 2/2] COPY --from=one /x /",
  ]);
});

test("planBuild() asks only for images it needs", () => {
  const file = parseDockerfile("FROM a AS one\nFROM b\nCOPY --from=c /x /\n");
  const result = planBuild(file, { platform, buildPlatform: platform, images: new Map() });
  expect(result.kind === "needs" && result.images.map((need) => need.reference)).toEqual([
    "docker.io/library/b:latest",
    "docker.io/library/c:latest",
  ]);
});

test("planBuild() runs the ONBUILD triggers of a base before the stage's own steps", () => {
  const onbuild = { ...base, config: { ...base.config, OnBuild: ["COPY . /app", "RUN make"] } };
  const { vertices, config } = plan("FROM parent\nRUN own\n", {}, onbuild);
  expect(vertices.map((vertex) => vertex.name.replace(/^\[.*?\] /, ""))).toEqual([
    expect.stringContaining("FROM"),
    "ONBUILD COPY . /app",
    "ONBUILD RUN make",
    "RUN own",
  ]);
  expect(config.config?.OnBuild).toBeUndefined();
});

test("planBuild() gives a RUN its build arguments, and no proxy in history", () => {
  const text = "FROM a\nARG V=1\nRUN x\n";
  const { target, history } = plan(text, { buildArgs: { V: "2", http_proxy: "http://p" } });
  expect(target?.op).toMatchObject({ env: [expect.stringContaining("PATH="), "V=2"], argNames: ["V"] });
  expect(history.at(-1)?.created_by).toBe("RUN |1 V=2 /bin/sh -c x # buildkit");
});

test("planBuild() names what cannot be carried out, with its line", () => {
  expect(plan("FROM a\nRUN --device=vendor.com/device x\n").unsupported).toEqual([
    "Dockerfile:2: RUN --device is not supported: steps get no devices of the host",
  ]);
});

test("planBuild() lets steps have the rights that were given to the build", () => {
  const host = "FROM a\nRUN --network=host x\n";
  const insecure = "FROM a\nRUN --security=insecure x\n";
  const failureOf = (text: string, options: Parameters<typeof plan>[1] = {}) =>
    plan(text, options).failure?.message;
  expect(failureOf(host)).toContain("Dockerfile:2: network.host is not allowed");
  expect(failureOf(insecure, { allow: ["network.host"], network: "host" })).toContain(
    "Dockerfile:2: security.insecure is not allowed",
  );
  expect(failureOf(host, { network: "host" })).toBeUndefined();
  expect(failureOf(host, { allow: ["network.host"] })).toBeUndefined();
  const { failure, target } = plan(insecure, { allow: ["security.insecure"] });
  expect(failure).toBeUndefined();
  expect(target?.op).toMatchObject({ isPrivileged: true });
});

test("planBuild() names the file of an address by its last part, and shows no password", () => {
  const { vertices } = plan("FROM a\nADD https://me:pw@h.example/x/a%20b.txt?q http://h.example /to/\n");
  expect(vertices.map(({ op }) => (op.kind === "download" ? op.name : op.kind))).toEqual([
    "image",
    "a b.txt",
    "__unnamed__",
    "copy",
  ]);
  expect(vertices[1]?.name).toBe("https://xxxxx@h.example/x/a%20b.txt?q");
  expect(() => plan("FROM a\nADD http:// /to/\n")).toThrow("Dockerfile:2: invalid URL");
  const two = "FROM a\nADD --checksum=sha256:x https://h.example/a https://h.example/b /to/\n";
  expect(() => plan(two)).toThrow("Dockerfile:2: checksum can't be specified for multiple sources");
});

test("planBuild() throws for an unknown target, a cycle and a bad base", () => {
  expect(() => plan("FROM a\n", { target: "nope" })).toThrow('target stage "nope" could not be found');
  expect(() => plan("FROM a AS final\n", { target: "fnal" })).toThrow(
    "could not be found (did you mean final?)",
  );
  expect(() => plan("FROM a AS x\nCOPY --from=x /y /\n")).toThrow("circular dependency detected on stage: x");
  expect(() => plan("ARG B\nFROM $B\n")).toThrow("Dockerfile:2: base name ($B) should not be blank");
});
