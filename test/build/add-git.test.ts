import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import type { BuildRequest } from "../../src/build/builder.ts";
import { BuildHarness, outcomes, output, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;
let daemon: ChildProcess;
let work: string;
let url: string;
let port: number;

function git(...args: string[]): string {
  const identity = [
    "-c",
    "user.name=t",
    "-c",
    "user.email=t@example.invalid",
    "-c",
    "init.defaultBranch=main",
  ];
  return execFileSync("git", [...identity, ...args], {
    cwd: work,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function commit(path: string, text: string): string {
  mkdirSync(join(work, path, ".."), { recursive: true });
  writeFileSync(join(work, path), text);
  git("add", "-A");
  git("commit", "-qm", path);
  return git("rev-parse", "HEAD").trim();
}

beforeAll(async () => {
  harness = await BuildHarness.open();
  work = harness.directory("repos/app.git");
  git("init", "-q");
  commit("Dockerfile", "FROM busybox\nCOPY dir/a /a\nRUN cat /a\n");
  commit("dir/a", "one\n");
  symlinkSync("/etc", join(work, "out"));
  commit("dir/b", "b\n");
  git("tag", "-am", "first", "v1");
  await startDaemon();
  url = `git://127.0.0.1:${port}/app.git`;
});

afterAll(async () => {
  daemon.kill();
  await harness[Symbol.asyncDispose]();
});

/** On a port below those that connections are given; when another program has it, on the next. */
async function startDaemon(): Promise<void> {
  const base = ["--export-all", "--listen=127.0.0.1", `--base-path=${join(work, "..")}`];
  for (let tried = 0; tried < 20; tried += 1) {
    port = 20_000 + ((process.pid + tried * 101) % 12_000);
    if (await answers()) continue;
    daemon = spawn("git", ["daemon", ...base, `--port=${port}`], { stdio: "ignore" });
    for (let waits = 0; waits < 1000 && daemon.exitCode === null; waits += 1) {
      if (await answers()) return;
      await Bun.sleep(10);
    }
    daemon.kill();
  }
  throw new Error("git daemon does not start");
}

function answers(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve((socket.destroy(), true)));
    socket.on("error", () => resolve(false));
  });
}

function build(text: string, more: Partial<BuildRequest> = {}): Promise<Built> {
  return harness.build({ context: { kind: "empty" }, dockerfile: { text }, ...more });
}

function wasCached(built: Built, step: string): boolean | undefined {
  return [...outcomes(built.events)].find(([name]) => name.includes(step))?.[1].cached;
}

test("ADD of a git repository takes the files of a branch, a tag, a commit or a subdirectory", async () => {
  const first = git("rev-parse", "v1^{commit}").trim();
  commit("dir/a", "two\n");
  const text =
    `FROM busybox\nADD ${url} /main/\nADD ${url}#v1:dir /tag\nADD ${url}#${first} /commit\n` +
    "RUN cat /main/dir/a /tag/a /commit/dir/a; test ! -e /main/.git && stat -c %u /tag/a && ls /tag\n";
  expect(output((await build(text)).events)).toBe("two\none\none\n0\na\nb\n");
});

test("ADD of a branch is a hit until the branch moves", async () => {
  const text = `FROM busybox\nADD ${url}#main:dir /d\nRUN cat /d/a\n`;
  await build(text);
  expect(wasCached(await build(text), "RUN cat")).toBe(true);
  commit("dir/a", "three\n");
  expect(output((await build(text)).events)).toBe("three\n");
});

test("ADD --keep-git-dir keeps the repository, --checksum holds it to a commit", async () => {
  const head = git("rev-parse", "HEAD").trim();
  const kept = `FROM busybox\nADD --keep-git-dir --checksum=${head} ${url} /r\nRUN cat /r/.git/HEAD\n`;
  expect(output((await build(kept)).events)).toBe(`${head}\n`);
  const wrong = build(`FROM busybox\nADD --checksum=${"0".repeat(40)} ${url} /r\n`);
  await expect(wrong).rejects.toThrow(
    `Dockerfile:2: expected checksum to match ${"0".repeat(40)}, got ${head}`,
  );
});

test("ADD of a git repository that fails names the line and leaves nothing", async () => {
  await expect(build(`FROM busybox\nADD ${url}#none /r\n`)).rejects.toThrow(
    `Dockerfile:2: repository does not contain ref none: ${url}`,
  );
  await expect(build(`FROM busybox\nADD ${url}#main:none /r\n`)).rejects.toThrow("not found");
  const gone = `git://127.0.0.1:${port}/gone.git`;
  await expect(build(`FROM busybox\nADD ${gone} /r\n`)).rejects.toThrow(`failed to fetch remote ${gone}`);
  expect(harness.mounts()).toEqual([]);
  expect(readdirSync(join(harness.root, "builds"))).toEqual([]);
});

test("ADD unpacks bzip2 and xz archives", async () => {
  const context = harness.directory("archives");
  writeFileSync(join(context, "file"), "packed\n");
  execFileSync("tar", ["-cjf", "a.tar.bz2", "file"], { cwd: context });
  execFileSync("tar", ["-cJf", "b.tar.xz", "file"], { cwd: context });
  const text = "FROM busybox\nADD a.tar.bz2 /a\nADD b.tar.xz /b\nRUN cat /a/file /b/file\n";
  const built = await build(text, { context: { kind: "directory", path: context } });
  expect(output(built.events)).toBe("packed\npacked\n");
});

test("a git repository is a context; its subdirectory, too", async () => {
  const whole = await harness.build({ context: { kind: "remote", url } });
  expect(output(whole.events)).toBe("three\n");
  const dockerfile = { text: "FROM busybox\nCOPY . /c\nRUN ls /c\n" };
  const part = await harness.build({ context: { kind: "remote", url: `${url}#v1:dir` }, dockerfile });
  expect(output(part.events)).toBe("a\nb\n");
  expect(readdirSync(join(harness.root, "builds"))).toEqual([]);
});

test("a query says what of a repository is taken: branch, tag, directory, commit, times, .git, no submodules", async () => {
  const first = git("rev-parse", "v1^{commit}").trim();
  const made = git("show", "-s", "--format=%ct", "v1^{commit}").trim();
  const text =
    `FROM busybox\nADD ${url}?branch=main&subdir=dir /b\nADD ${url}?tag=v1&commit=${first}&mtime=commit /t\n` +
    `ADD ${url}?keep-git-dir=true&submodules=false /k\n` +
    "RUN cat /b/a /t/dir/a; stat -c %Y /t/dir/a; ls -d /k/.git /t/.git 2>/dev/null; true\n";
  const printed = output((await build(text)).events);
  expect(printed).toBe(`three\none\n${made}\n/k/.git\n`);
  const wrong = build(`FROM busybox\nADD ${url}?tag=v1&checksum=${"0".repeat(40)} /t\n`);
  await expect(wrong).rejects.toThrow("expected checksum to match");
  await expect(build(`FROM busybox\nADD ${url}?nothing=1 /t\n`)).rejects.toThrow(
    'unexpected query "nothing"',
  );
});

test("arguments of the builder's own: .git of a context, name of the machine, namespace of cache mounts", async () => {
  const text =
    "FROM busybox\nCOPY . /c\nRUN ls -d /c/.git; hostname\nRUN --mount=type=cache,id=ns,target=/n echo x >> /n/f; wc -l < /n/f\n";
  const request = { context: { kind: "remote", url: `${url}#main` }, dockerfile: { text } } as const;
  const own = (more: Record<string, string>): Record<string, string> => ({
    BUILDKIT_CONTEXT_KEEP_GIT_DIR: "1",
    BUILDKIT_SANDBOX_HOSTNAME: "forge",
    ...more,
  });
  const built = await harness.build({ ...request, buildArgs: own({}) });
  expect(output(built.events)).toBe("/c/.git\nforge\n1\n");
  const apart = await harness.build({ ...request, buildArgs: own({ BUILDKIT_CACHE_MOUNT_NS: "a" }) });
  expect(output(apart.events)).toEndWith("1\n");
  const index = await harness.build({ ...request, buildArgs: own({ BUILDKIT_MULTI_PLATFORM: "1" }) });
  const last = index.events.at(-1);
  expect(last?.type === "image" && last.descriptor?.mediaType).toBe(
    "application/vnd.oci.image.index.v1+json",
  );
});

test("named contexts stand for directories, repositories, images and stages", async () => {
  const path = harness.directory("named");
  writeFileSync(join(path, "n"), "from directory\n");
  writeFileSync(join(path, "ignored"), "");
  writeFileSync(join(path, ".dockerignore"), "ignored\n");
  const text =
    "FROM none/such AS stage\nFROM base\nCOPY --from=dir . /d\nCOPY --from=repo dir/a /a\nCOPY --from=stage n /s\n" +
    "RUN --mount=from=dir,target=/m cat /m/n /a /s; ls -A /d\n";
  const buildContexts = {
    base: { kind: "image", reference: "busybox" },
    dir: { kind: "directory", path },
    repo: { kind: "remote", url },
    stage: { kind: "directory", path },
  } as const;
  const built = await build(text, { buildContexts });
  expect(output(built.events)).toBe("from directory\nthree\nfrom directory\n.dockerignore\nn\n");
  const again = await build(text, { buildContexts });
  expect(
    [...outcomes(again.events)].filter(([name]) => /COPY|RUN/.test(name)).every(([, { cached }]) => cached),
  ).toBe(true);
  writeFileSync(join(path, "n"), "changed\n");
  const changed = [...outcomes((await build(text, { buildContexts })).events)];
  expect(changed.find(([name]) => name.includes("/d"))?.[1].causes).toEqual(["n changed (content)"]);
});

test("FROM a named directory begins with its files", async () => {
  const path = harness.directory("rootfs");
  writeFileSync(join(path, "hello"), "hi\n");
  const text = "FROM files AS f\nFROM busybox\nCOPY --from=f / /x\nRUN cat /x/hello\n";
  const buildContexts = { files: { kind: "directory", path } } as const;
  expect(output((await build(text, { buildContexts })).events)).toBe("hi\n");
});
