import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { BuildRequest } from "../../src/build/builder.ts";
import { clearRunDirectory } from "../../src/build/run-directory.ts";
import { readBlob } from "../../src/content/read-blob.ts";
import type { Manifest } from "../../src/oci/manifest.ts";
import { parseManifest } from "../../src/oci/parse-manifest.ts";
import { sysMount } from "../../src/platform/mount.ts";
import { BuildHarness, outcomes, output, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;
let count = 0;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

/** A context directory with these files, by path. */
function context(files: Readonly<Record<string, string>> = {}): string {
  const directory = harness.directory(`context-${(count += 1)}`);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

function build(directory: string, text: string, more: Partial<BuildRequest> = {}): Promise<Built> {
  return harness.build({ context: { kind: "directory", path: directory }, dockerfile: { text }, ...more });
}

/** Causes of the one step whose name ends so; undefined for a hit. */
function causes(built: Built, step: string): readonly string[] | undefined {
  for (const [name, outcome] of outcomes(built.events))
    if (name.endsWith(step)) return outcome.cached ? undefined : outcome.causes;
  throw new Error(`No step ${step}`);
}

async function snapshots(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, kind } of harness.snapshotter.list()) if (kind !== "committed") keys.push(key);
  return keys;
}

async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("It did not fail");
}

test("build() runs steps on top of each other and leaves nothing mounted", async () => {
  const directory = context({ "hello.txt": "hi\n" });
  const text = "FROM busybox\nWORKDIR /app\nCOPY . .\nRUN cat hello.txt && pwd\nUSER app\nRUN id -u; id -g\n";
  const built = await build(directory, text, { tags: ["first"] });
  expect(output(built.events)).toBe("hi\n/app\n1000\n1001\n");
  expect(built.config.rootfs.diff_ids).toHaveLength(5);
  expect(harness.images.get("first").id).toBe(built.result.imageID);
  expect(harness.mounts()).toEqual([]);
  expect(await snapshots()).toEqual([]);
});

test("build() leaves no trace of mount points, resolver or host CA in layer and config", async () => {
  const text = "FROM busybox\nRUN ls /etc; cat $SSL_CERT_FILE | wc -c\n";
  const built = await build(context(), text, { hostCA: true });
  expect(output(built.events)).toMatch(/group\nhosts\npasswd\nresolv.conf\n[1-9]\d{4}/);
  const after = await build(
    context(),
    `${text}FROM busybox\nCOPY --from=0 / /all\nRUN find /all | grep -v bin/\n`,
  );
  const listed = output(after.events).split("\n");
  expect(listed).not.toContain("/all/etc/hosts");
  expect(listed).not.toContain("/all/etc/resolv.conf");
  expect(listed).not.toContain("/all/dev");
  expect(JSON.stringify(built.config.config)).not.toContain("SSL_CERT");
});

test("build() with everything cached gives the same image and runs nothing", async () => {
  const directory = context({ a: "1", b: "2" });
  const text = "FROM busybox\nCOPY . /x\nRUN echo ran\n";
  const first = await build(directory, text);
  utimesSync(join(directory, "a"), 1, 1);
  const second = await build(directory, text);
  expect(second.result.imageID).toBe(first.result.imageID);
  expect(output(second.events)).toBe("");
  expect(causes(second, "COPY . /x")).toBeUndefined();
});

test("build() says by name why a step was no hit", async () => {
  const directory = context({ "src/server.js": "1", "old.md": "x", "run.sh": "echo" });
  const text = "FROM busybox\nARG VERSION\nENV MODE=a\nCOPY . /app\nRUN echo $VERSION\nRUN echo end\n";
  const first = await build(directory, text, { buildArgs: { VERSION: "1.2" } });
  expect(causes(first, "COPY . /app")).toEqual(["no such step was built before"]);

  writeFileSync(join(directory, "src/server.js"), "2");
  writeFileSync(join(directory, "README.md"), "new");
  chmodSync(join(directory, "run.sh"), 0o755);
  rmSync(join(directory, "old.md"));
  const files = await build(directory, text, { buildArgs: { VERSION: "1.2" } });
  expect(causes(files, "COPY . /app")?.toSorted()).toEqual([
    "README.md added",
    "old.md removed",
    "run.sh changed (mode)",
    "src/server.js changed (content)",
  ]);
  expect(causes(files, "RUN echo $VERSION")).toEqual(["an earlier step changed: 2/4"]);

  const argument = await build(directory, text, { buildArgs: { VERSION: "1.3" } });
  expect(causes(argument, "COPY . /app")).toBeUndefined();
  expect(causes(argument, "RUN echo $VERSION")).toEqual(["ARG VERSION 1.2 → 1.3"]);

  const env = await build(directory, text.replace("MODE=a", "MODE=b"), { buildArgs: { VERSION: "1.3" } });
  expect(causes(env, "RUN echo $VERSION")).toEqual(["ENV MODE a → b"]);

  const noCache = await build(directory, text, { buildArgs: { VERSION: "1.3" }, noCache: true });
  expect(causes(noCache, "RUN echo end")).toEqual(["--no-cache"]);

  const changed = await build(directory, text.replace("echo end", "echo fin"), {
    buildArgs: { VERSION: "1.3" },
  });
  expect(causes(changed, "RUN echo fin")).toEqual(["step text changed"]);
});

test("build() says which base moved", async () => {
  await build(context({ f: "1" }), "FROM busybox\nCOPY f /f\n", { tags: ["moving"] });
  const directory = context();
  await build(directory, "FROM moving\nRUN echo x\n");
  await build(context({ f: "2" }), "FROM busybox\nCOPY f /f\n", { tags: ["moving"] });
  const again = await build(directory, "FROM moving\nRUN echo x\n");
  expect(causes(again, "RUN echo x")?.[0]).toMatch(
    /^base docker\.io\/library\/moving:latest moved sha256:\w{12}… → sha256:/,
  );
});

test("build() takes a COPY --from as a hit when the stage made the same files again", async () => {
  const directory = context({ source: "1", other: "1" });
  const text =
    "FROM busybox AS make\nCOPY . /in\nRUN cp /in/source /out\nFROM busybox\nCOPY --from=make /out /out\nRUN echo last\n";
  const first = await build(directory, text);
  writeFileSync(join(directory, "other"), "2");
  const second = await build(directory, text);
  expect(causes(second, "RUN cp /in/source /out")).toBeDefined();
  expect(causes(second, "RUN echo last")).toBeUndefined();
  expect(second.result.imageID).toBe(first.result.imageID);
});

test("build() runs independent stages side by side and identical work of two builds once", async () => {
  const wait = "until test -e /shared/$OTHER; do sleep 0.05; done";
  const mount = "--mount=type=cache,target=/shared,id=side-by-side";
  const stage = (name: string, other: string): string =>
    `FROM busybox AS ${name}\nRUN ${mount} touch /shared/${name}; OTHER=${other}; ${wait}\n`;
  const text = `${stage("one", "two")}${stage("two", "one")}FROM busybox\nCOPY --from=one /etc /1\nCOPY --from=two /etc /2\n`;
  await build(context(), text);

  const slow = "FROM busybox\nRUN sleep 0.3; echo once\n";
  const [a, b] = await Promise.all([build(context(), slow), build(context(), slow)]);
  expect(output([...a.events, ...b.events])).toBe("once\n");
  expect(a.result.imageID).toBe(b.result.imageID);
});

test("build() ends a failing RUN with its step, line, exit code and last words", async () => {
  const error = await failure(
    build(context(), "FROM busybox\nRUN echo one\nRUN echo two >&2; exit 3\nRUN echo never\n"),
  );
  expect(error.message).toContain("[3/4] RUN echo two >&2; exit 3 (Dockerfile:3)");
  expect(error.message).toContain(
    'process "/bin/sh -c echo two >&2; exit 3" did not complete successfully: exit code: 3',
  );
  expect(error.message).toContain("two");
  expect(harness.mounts()).toEqual([]);
  expect(await snapshots()).toEqual([]);
});

test("build() that is cancelled leaves no process, mount or snapshot", async () => {
  const stop = new AbortController();
  const marker = `sleep 4${process.pid}`;
  const building = harness.build(
    { context: { kind: "empty" }, dockerfile: { text: `FROM busybox\nRUN ${marker}\n` } },
    { signal: stop.signal },
  );
  while (!running(marker)) await Bun.sleep(10);
  stop.abort();
  expect((await failure(building)).message).toBe("Build cancelled");
  expect(running(marker)).toBe(false);
  expect(harness.mounts()).toEqual([]);
  expect(await snapshots()).toEqual([]);
  expect(readdirSync(join(harness.root, "run/builds"))).toEqual([]);
});

function running(command: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").includes(command)
      );
    } catch {
      return false;
    }
  });
}

test("COPY puts files and directories where Docker puts them", async () => {
  const directory = context({ "d/a.txt": "a", "d/sub/b.txt": "b", "x.txt": "x", "y.txt": "y", "z.md": "z" });
  symlinkSync("x.txt", join(directory, "link"));
  symlinkSync("../x.txt", join(directory, "d/inner"));
  linkSync(join(directory, "x.txt"), join(directory, "d/hard"));
  linkSync(join(directory, "d/hard"), join(directory, "d/hard2"));
  const text = [
    "FROM busybox",
    "WORKDIR /w",
    "COPY d new",
    "COPY d existing/",
    "COPY x.txt file",
    "COPY x.txt dir/",
    "COPY *.txt many/",
    "COPY link followed",
    "COPY --chown=app --chmod=640 y.txt owned",
    "COPY --chown=7:8 d/sub /own/tree",
    "COPY <<A <<B docs/\none $HOME\nA\ntwo\nB\n",
    "RUN find . | sort; cat followed docs/A",
    "RUN stat -c '%n %a %u:%g' owned /own /own/tree /own/tree/b.txt new; stat -c '%h %N' new/hard new/inner",
  ].join("\n");
  const printed = output((await build(directory, text)).events).split("\n");
  const expected =
    "./new/a.txt ./new/sub/b.txt ./existing/a.txt ./file ./dir/x.txt ./many/x.txt ./many/y.txt ./docs/A ./docs/B";
  for (const path of expected.split(" ")) expect(printed).toContain(path);
  expect(printed).not.toContain("./many/z.md");
  expect(printed).toContain("xone ");
  expect(printed).toContain("owned 640 1000:1001");
  expect(printed).toContain("/own 755 7:8");
  expect(printed).toContain("/own/tree/b.txt 644 7:8");
  expect(printed.join("\n")).toMatch(/2 .*new\/hard/);
  expect(printed.join("\n")).toContain("../x.txt");
});

test("COPY never leaves the root, whatever links lie in its way", async () => {
  const directory = context({ f: "pwned" });
  const outside = join(harness.root, "outside");
  const text = `FROM busybox\nRUN ln -s ${outside} /evil; ln -s ../../../../../..${outside} /evil2\nCOPY f /evil\nCOPY f /evil2/f\n`;
  const error = await build(directory, text).catch((failed: Error) => failed);
  expect(readdirSync(harness.root)).not.toContain("outside");
  expect(error).toBeDefined();
});

test("COPY of a source that is not there says so in Docker's words, with the line", async () => {
  const error = await failure(build(context(), "FROM busybox\nCOPY foo /bar\n"));
  expect(error.message).toContain('"/foo": not found');
  expect(error.message).toContain("Dockerfile:2");
});

test("COPY leaves out what .dockerignore and --exclude name", async () => {
  const directory = context({
    ".dockerignore": "node_modules\n*.log\n!keep.log\n",
    "node_modules/x/index.js": "1",
    "a.log": "1",
    "keep.log": "1",
    "b.tmp": "1",
    main: "1",
  });
  const text = "FROM busybox\nCOPY --exclude=*.tmp . /x\nRUN cd /x && find . | sort\n";
  const printed = output((await build(directory, text)).events);
  expect(printed).toBe(".\n./.dockerignore\n./keep.log\n./main\n");
});

test("ADD unpacks local archives", async () => {
  const directory = context({ "in/one": "1", "in/two": "2" });
  for (const [flag, name] of [
    ["", "a.tar"],
    ["z", "b.tar.gz"],
  ] as const) {
    const { exitCode } = Bun.spawnSync(["tar", `-c${flag}f`, name, "in"], { cwd: directory });
    expect(exitCode).toBe(0);
  }
  const text =
    "FROM busybox\nADD a.tar /a\nADD b.tar.gz /b/\nADD in/one /c/\nRUN find /a /b /c -type f | sort\n";
  expect(output((await build(directory, text)).events)).toBe(
    "/a/in/one\n/a/in/two\n/b/in/one\n/b/in/two\n/c/one\n",
  );
});

test("build() takes a tar as context and confines it", async () => {
  const directory = context({ Dockerfile: "FROM busybox\nCOPY a /a\nRUN cat /a\n", a: "from a tar\n" });
  const { stdout } = Bun.spawnSync(["tar", "-czf", "-", "."], { cwd: directory });
  const stream = (async function* () {
    yield await Promise.resolve(new Uint8Array(stdout));
  })();
  const built = await harness.build({ context: { kind: "tar", stream }, tags: ["from-tar"] });
  expect(output(built.events)).toBe("from a tar\n");
  expect(readdirSync(join(harness.root, "builds"))).toEqual([]);
});

test("RUN has heredocs, binds, tmpfs and caches that last", async () => {
  const directory = context({ "lib/x": "from the context\n" });
  const text = [
    "FROM busybox AS tools",
    "RUN echo from a stage > /tool",
    "FROM busybox",
    "RUN <<EOF\necho doc\nEOF",
    "RUN <<EOF\n#!/bin/cat\nscript\nEOF",
    "RUN --mount=type=bind,target=/ctx cat /ctx/lib/x",
    "RUN --mount=type=bind,from=tools,source=/tool,target=/t,rw cat /t && echo more >> /t",
    "RUN --mount=type=tmpfs,target=/scratch touch /scratch/x",
    "RUN --mount=type=cache,target=/c echo line >> /c/log; cat /c/log",
    "RUN ls -d /ctx /t /scratch /c 2>/dev/null; true",
  ].join("\n");
  const printed = output((await build(directory, text)).events);
  expect(printed).toContain("doc\n#!/bin/cat\nscript\nfrom the context\nfrom a stage\nline\n");
  expect(printed).not.toContain("/ctx");
  const again = await build(directory, text, { noCache: true });
  expect(output(again.events)).toContain("line\nline\n");
});

test("build() refuses what it cannot carry out before anything runs", async () => {
  const error = await failure(
    build(context(), "FROM busybox\nRUN echo ran\nRUN --device=vendor.com/device true\n"),
  );
  expect(error).toMatchObject({ code: "not_implemented" });
  expect(error.message).toBe("Dockerfile:3: RUN --device is not supported: steps get no devices of the host");
});

test("build() gives a step the machine's network and privileges when it is allowed to", async () => {
  const of = (text: string, more: Partial<BuildRequest>) => build(context(), `FROM busybox\n${text}\n`, more);
  const namespace = "RUN --network=host readlink /proc/self/ns/net";
  expect((await failure(of(namespace, {}))).message).toContain("Dockerfile:2: network.host is not allowed");
  const { events } = await of(namespace, { allow: ["network.host"] });
  expect(output(events)).toContain(readlinkSync("/proc/self/ns/net"));
  const rights = "grep CapEff /proc/self/status; [ -w /proc/sys/kernel ] && echo open";
  const plain = output((await of(`RUN ${rights}; true`, {})).events);
  const insecure = output(
    (await of(`RUN --security=insecure ${rights}`, { allow: ["security.insecure"] })).events,
  );
  expect(plain).toContain("CapEff:\t00000000a80425fb");
  expect(insecure).toContain("open");
  expect(insecure).not.toContain("a80425fb");
});

test("build() of a record whose snapshot is gone carries the step out again", async () => {
  const directory = context();
  const text = "FROM busybox\nRUN echo again\n";
  await build(directory, text);
  harness.state.db.run("UPDATE build_cache SET snapshot = 'gone' WHERE step LIKE '%echo again'");
  const built = await build(directory, text);
  expect(causes(built, "RUN echo again")).toEqual(["the earlier result is gone"]);
  expect(output(built.events)).toBe("again\n");
});

test("build() makes layers that pack to the digests its manifest names", async () => {
  const directory = context({ "a/b": "1", "a/c": "2" });
  const text =
    "FROM busybox\nCOPY a /a\nRUN rm /a/b; mkdir -p /n/m; ln /a/c /a/d; chmod 4755 /a/c\nWORKDIR /w\n";
  const built = await build(directory, text, { tags: ["packed"] });
  const manifest = await readManifest("packed");
  expect(manifest.layers.map((layer) => String(layer.digest))).toEqual([...built.config.rootfs.diff_ids]);
  for (const layer of manifest.layers) {
    await using reader = await harness.images.fetch(layer);
    let size = 0;
    for await (const chunk of reader) size += chunk.length;
    expect(size).toBe(layer.size);
  }
});

async function readManifest(reference: string): Promise<Manifest> {
  const bytes = await readBlob(harness.images, await harness.images.resolve(reference));
  return parseManifest(bytes);
}

test("clearRunDirectory() takes away what a killed engine left mounted", () => {
  const left = join(harness.root, "left");
  mkdirSync(join(left, "step-1"), { recursive: true });
  sysMount("tmpfs", join(left, "step-1"), "tmpfs", 0, "");
  writeFileSync(join(left, "step-1/file"), "");
  clearRunDirectory(left);
  expect(readdirSync(left)).toEqual([]);
});
