/** `cp`, `diff`, `export`, `commit` and their like as typed: Docker's rules for paths above all. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { EngineProcess, makeBusybox, slipway, start } from "../engine/lab.ts";

const docker = Bun.which("docker");
let at: EngineProcess;
let here: string;
let id: string;

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

beforeAll(async () => {
  at = await EngineProcess.start();
  await makeBusybox(at.engine, at.root);
  const script =
    "mkdir -p /src/sub /dst; echo one > /src/file; echo two > /src/sub/deep; ln -s /src /link; ln -s file /src/soft";
  id = await start(at.engine, ["sh", "-c", `${script}; touch /ready; sleep 10000`], { name: "box" });
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await inside("ls", "/ready")).code === 0) break;
    await Bun.sleep(20);
  }
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

beforeEach(async () => {
  here = join(at.root, "../here");
  rmSync(here, { recursive: true, force: true });
  mkdirSync(join(here, "tree/sub"), { recursive: true });
  writeFileSync(join(here, "tree/file"), "local one");
  writeFileSync(join(here, "tree/sub/deep"), "local two");
  writeFileSync(join(here, "single"), "single");
  symlinkSync("tree", join(here, "treelink"));
  symlinkSync("single", join(here, "filelink"));
  await inside("sh", "-c", "rm -rf /dst /new* ; mkdir /dst");
});

async function exec(command: readonly string[], env: object, input: Uint8Array): Promise<Outcome> {
  const child = Bun.spawn([...command], {
    cwd: here ?? "/",
    env: {
      PATH: process.env["PATH"],
      HOME: at.root,
      SLIPWAY_ROOT: at.root,
      SLIPWAY_SOCKET: at.socket,
      ...env,
    },
    stdin: input,
    stdout: "pipe",
    stderr: "pipe",
    timeout: 30_000,
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

const slip = (...words: string[]) => exec([...slipway, ...words], {}, new Uint8Array());
const inside = (...words: string[]) => slip("exec", "box", ...words);
/** What the container's files below `path` hold. */
const listing = async (path: string) =>
  (await inside("sh", "-c", `cd ${path} && find . | sort && cat $(find . -type f | sort)`)).stdout;

/** Both clients must do the same: ours, and Docker's own where there is one. */
const clients: [string, (...words: string[]) => Promise<Outcome>][] = [["slipway", slip]];
if (docker === null) console.warn("skipped: there is no docker client on this machine");
else
  clients.push([
    "docker",
    (...words) => exec([docker, ...words], { DOCKER_HOST: `unix://${at.socket}` }, new Uint8Array()),
  ]);

for (const [client, call] of clients) {
  test(`${client} cp brings a directory out: into one, under a new name, its content`, async () => {
    mkdirSync(join(here, "out"));
    expect(await call("cp", "box:/src", "out")).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, "out/src/sub/deep"), "utf8")).toBe("two\n");
    expect(readlinkSync(join(here, "out/src/soft"))).toBe("file");
    expect(await call("cp", "box:/src", "renamed")).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, "renamed/file"), "utf8")).toBe("one\n");
    expect(await call("cp", "box:/src/.", "content")).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, "content/file"), "utf8")).toBe("one\n");
    expect(await call("cp", "box:/src/.", "out")).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, "out/file"), "utf8")).toBe("one\n");
  });

  test(`${client} cp brings a file out: into a directory, over a file, under a new name`, async () => {
    expect(await call("cp", "box:/src/file", ".")).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, "file"), "utf8")).toBe("one\n");
    expect(await call("cp", "box:src/file", "single")).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, "single"), "utf8")).toBe("one\n");
    expect(await call("cp", "box:/src/file", "fresh")).toMatchObject({ code: 0 });
    expect(readFileSync(join(here, "fresh"), "utf8")).toBe("one\n");
    expect(await call("cp", "box:/src/file", "filelink")).toMatchObject({ code: 0 });
    expect(lstatSync(join(here, "filelink")).isSymbolicLink()).toBe(true);
  });

  test(`${client} cp follows links of the container only when asked`, async () => {
    await call("cp", "box:/link", "out");
    expect(readlinkSync(join(here, "out"))).toBe("/src");
    await call("cp", "-L", "box:/link", "followed");
    expect(readFileSync(join(here, "followed/file"), "utf8")).toBe("one\n");
    await call("cp", "-L", "box:/src/soft", ".");
    expect(readFileSync(join(here, "soft"), "utf8")).toBe("one\n");
  });

  test(`${client} cp says what cannot be copied out, and where to`, async () => {
    expect(await call("cp", "box:/none", ".")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Could not find the file /none in container box"),
    });
    expect((await call("cp", "box:/src", "single")).stderr).toContain("cannot copy directory");
    expect((await call("cp", "box:/src/file", "absent/")).code).toBe(1);
    expect((await call("cp", "box:/src/file", "absent/deeper/file")).stderr).toMatch(
      /does not exist|no such file/,
    );
    expect((await call("cp", "nobody:/x", ".")).stderr).toContain("No such container: nobody");
    expect((await call("cp", "box:/x", "box:/y")).stderr).toContain(
      "copying between containers is not supported",
    );
    expect((await call("cp", "single", "tree")).stderr).toContain(
      "must specify at least one container source",
    );
  });

  test(`${client} cp puts a directory in: into one, under a new name, its content`, async () => {
    const tree = ".\n./file\n./sub\n./sub/deep\nlocal onelocal two";
    expect(await call("cp", "tree", "box:/dst")).toMatchObject({ code: 0 });
    expect(await listing("/dst/tree")).toBe(tree);
    expect(await call("cp", "tree", "box:/new")).toMatchObject({ code: 0 });
    expect(await listing("/new")).toBe(tree);
    expect(await call("cp", "tree/.", "box:/dst")).toMatchObject({ code: 0 });
    expect((await inside("cat", "/dst/sub/deep")).stdout).toBe("local two");
    expect(await call("cp", "treelink/.", "box:/new2")).toMatchObject({ code: 0 });
    expect(await listing("/new2")).toBe(tree);
  });

  test(`${client} cp puts a file in: into a directory, through a link, over one, under a new name`, async () => {
    expect(await call("cp", "single", "box:/dst")).toMatchObject({ code: 0 });
    expect(await call("cp", "single", "box:/dst/named")).toMatchObject({ code: 0 });
    expect(await call("cp", "tree/file", "box:/dst/named")).toMatchObject({ code: 0 });
    expect((await inside("cat", "/dst/single", "/dst/named")).stdout).toBe("singlelocal one");
    expect(await call("cp", "single", "box:/link")).toMatchObject({ code: 0 });
    expect((await inside("cat", "/src/single")).stdout).toBe("single");
    await inside("rm", "/src/single");
    expect(await call("cp", "filelink", "box:/dst")).toMatchObject({ code: 0 });
    expect((await inside("sh", "-c", "ls -l /dst/filelink | cut -c1")).stdout).toBe("l\n");
    expect(await call("cp", "-L", "filelink", "box:/dst/real")).toMatchObject({ code: 0 });
    expect((await inside("cat", "/dst/real")).stdout).toBe("single");
  });

  test(`${client} cp says what cannot be copied in, and where to`, async () => {
    expect((await call("cp", "absent", "box:/dst")).code).toBe(1);
    expect((await call("cp", "tree", "box:/src/file")).stderr).toContain("cannot copy directory");
    expect((await call("cp", "single", "box:/none/")).stderr).toContain("no such directory");
    expect((await call("cp", "single", "box:/none/deeper/x")).stderr).toContain(
      "Could not find the file /none/deeper",
    );
    await inside("mkdir", "/dst/single");
    await call("cp", "tree", "box:/dst/single");
    await inside("sh", "-c", "rm -r /dst/single; mkdir -p /dst/tree/file");
    expect((await call("cp", "tree", "box:/dst")).stderr).toContain("cannot overwrite directory");
  });

  test(`${client} diff, export and commit`, async () => {
    expect((await call("diff", "box")).stdout).toContain("A /src/sub/deep\n");
    expect(await call("export", "-o", "root.tar", "box")).toMatchObject({ code: 0 });
    expect(statSync(join(here, "root.tar")).size).toBeGreaterThan(1_000_000);
    const made = await call(
      "commit",
      "-m",
      "why",
      "-a",
      "me",
      "-c",
      'CMD ["cat", "/src/file"]',
      "box",
      "made:x",
    );
    expect(made.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect((await call("run", "--rm", "made:x")).stdout).toBe("one\n");
    expect(await call("import", "root.tar", "imported:x")).toMatchObject({ code: 0 });
    expect((await call("run", "--rm", "imported:x", "cat", "/src/file")).stdout).toBe("one\n");
    expect(await call("rmi", "made:x", "imported:x")).toMatchObject({ code: 0 });
  });

  test(`${client} stats, top, update and system df`, async () => {
    const stats = await call("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}} {{.MemUsage}}", "box");
    expect(stats.stdout).toMatch(/^box 1 \S+i?B \/ \S+i?B\n$/);
    expect((await call("top", "box")).stdout).toContain("sleep 10000");
    expect(
      (await call("update", "--pids-limit", "60", "-m", "80m", "--memory-swap", "-1", "box")).stdout,
    ).toBe("box\n");
    expect(
      (await call("inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}", "box")).stdout,
    ).toBe(`${80 << 20} 60\n`);
    expect((await call("system", "df")).stdout).toMatch(/^Images +1 +1 +\S+ +0B \(0%\)$/m);
    expect((await call("system", "df", "-v")).stdout).toContain("Local Volumes space usage:");
  });
}

test("cp streams a tar both ways, and keeps owners with -a", async () => {
  const out = await exec([...slipway, "cp", "box:/src", "-"], {}, new Uint8Array());
  expect(out.stdout).toContain("src/sub/deep");
  const tar = Bun.spawnSync(["tar", "-c", "-C", here, "tree"]).stdout;
  expect(await exec([...slipway, "cp", "-", "box:/dst"], {}, tar)).toMatchObject({ code: 0 });
  expect((await inside("cat", "/dst/tree/file")).stdout).toBe("local one");
  const nowhere = await exec([...slipway, "cp", "-", "box:/dst/none"], {}, tar);
  expect(nowhere.stderr).toContain('destination "box:/dst/none" must be a directory');
  await inside("sh", "-c", "echo x > /dst/owned; chown 11:22 /dst/owned");
  await slip("cp", "box:/dst/owned", "plain");
  expect(statSync(join(here, "plain")).uid).toBe(process.getuid?.() ?? 0);
  await slip("cp", "-a", "box:/dst/owned", "archived");
  expect([statSync(join(here, "archived")).uid, statSync(join(here, "archived")).gid]).toEqual([11, 22]);
});

test("cp out of a container never leaves the directory it was asked for (CVE-2019-14271 and its like)", async () => {
  mkdirSync(join(here, "jail"));
  symlinkSync(join(here, "tree"), join(here, "jail/sub"));
  await inside(
    "sh",
    "-c",
    `mkdir -p /dst/a; ln -s ${join(here, "tree")} /dst/a/out; echo planted > /dst/file`,
  );
  await slip("cp", "box:/dst/.", "jail");
  await inside("sh", "-c", "rm /dst/a/out; mkdir /dst/a/out; echo planted > /dst/a/out/file");
  await slip("cp", "box:/dst/.", "jail");
  expect(readFileSync(join(here, "tree/file"), "utf8")).toBe("local one");
  expect(existsSync(join(here, "tree/planted"))).toBe(false);
});

test("stop and start of what is in that state already print its name and are no failure", async () => {
  const idle = await start(at.engine, ["sleep", "1000"], { name: "idle" });
  for (const words of [["start"], ["stop", "-t", "0"], ["stop"], ["start"]])
    expect(await slip(...words, "idle")).toEqual({ code: 0, stdout: "idle\n", stderr: "" });
  await at.engine.containers.remove(idle, { force: true });
});

test("stats without a terminal prints table after table until it is interrupted", async () => {
  const child = Bun.spawn([...slipway, "stats"], {
    env: { ...process.env, SLIPWAY_ROOT: at.root, SLIPWAY_SOCKET: at.socket },
    stdout: "pipe",
    stderr: "pipe",
  });
  await Bun.sleep(2500);
  child.kill("SIGINT");
  const text = await child.stdout.text();
  expect(text.split("CONTAINER ID").length).toBeGreaterThan(3);
  expect(text).toContain(`${id.slice(0, 12)}   box`);
  await child.exited;
});
