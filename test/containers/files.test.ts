/** Changes, archives in and out, export and lists of files of real containers, over the socket. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";
import { readTar } from "../../src/layer/tar/tar-reader.ts";
import { EngineProcess, logs, makeBusybox, run, start } from "../engine/lab.ts";
import { failure } from "../engine/rejects.ts";
import { contents, tarOf } from "./archives.ts";
import { CheckedApi } from "./open-api-answers.ts";

let at: EngineProcess;
let engine: Engine;
let api: CheckedApi;
let host: string;

beforeAll(async () => {
  at = await EngineProcess.start();
  engine = at.engine;
  api = new CheckedApi(at.socket);
  await makeBusybox(engine, at.root);
  host = join(at.root, "../host");
  mkdirSync(host);
});
afterAll(async () => await at?.[Symbol.asyncDispose]());

const archive = async (name: string, path: string) =>
  await contents((await engine.files.archive(name, path)).content);

/** A container that sleeps, after the script. */
async function sleeper(script: string, more: ContainerCreate = {}): Promise<string> {
  const id = await start(engine, ["sh", "-c", `${script}; touch /tmp/ready; exec sleep 1000`], more);
  for (let tries = 0; tries < 200; tries += 1) {
    if (
      await engine.files.stat(id, "/tmp/ready").then(
        () => true,
        () => false,
      )
    )
      return id;
    await Bun.sleep(20);
  }
  throw new Error("the container did not get ready");
}

const remove = (id: string) => engine.containers.remove(id, { force: true, volumes: true });

test("files.changes() tells what was added, modified and deleted, running or stopped", async () => {
  const script = "echo x > /new; mkdir -p /a/b; echo y >> /etc/group; rm /bin/yes; rm -r /root; mkdir /root";
  const id = await sleeper(script);
  const expected = [
    { Path: "/a", Kind: 1 },
    { Path: "/a/b", Kind: 1 },
    { Path: "/bin", Kind: 0 },
    { Path: "/bin/yes", Kind: 2 },
    { Path: "/etc", Kind: 0 },
    { Path: "/etc/group", Kind: 0 },
    { Path: "/new", Kind: 1 },
    { Path: "/root", Kind: 0 },
    { Path: "/tmp", Kind: 0 },
    { Path: "/tmp/ready", Kind: 1 },
  ];
  expect((await engine.files.changes(id)) as object).toEqual(expected);
  await engine.containers.stop(id, { timeout: 0 });
  expect((await engine.files.changes(id)) as object).toEqual(expected);
  expect((await api.call("GET", `/containers/${id}/changes`)).status).toBe(200);
  expect((await api.call("GET", "/containers/nobody/changes")).status).toBe(404);
  await remove(id);
});

test("files.changes() of a replaced directory names what went with the old one", async () => {
  const { id } = await run(engine, ["sh", "-c", "rm -r /etc; mkdir /etc; echo new > /etc/passwd"], {
    HostConfig: { AutoRemove: false },
  });
  const changes = await engine.files.changes(id);
  expect(changes).toContainEqual({ Path: "/etc/group", Kind: 2 });
  expect(changes).toContainEqual({ Path: "/etc/passwd", Kind: 0 });
  await remove(id);
});

test("a container that was only created or started has no changes", async () => {
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: ["true"] });
  expect(await engine.files.changes(Id)).toEqual([]);
  await engine.containers.start(Id);
  await engine.containers.wait(Id);
  expect(await engine.files.changes(Id)).toEqual([]);
  await remove(Id);
});

test("files.stat() describes as Docker does, links not followed", async () => {
  const id = await sleeper("mkdir -p /d; ln -s /d /link; ln -s nowhere /dangling; chmod 4750 /d");
  expect(await engine.files.stat(id, "/d")).toMatchObject({ name: "d", linkTarget: "" });
  expect((await engine.files.stat(id, "/d")).mode).toBe(2 ** 31 + 2 ** 23 + 0o750);
  expect(await engine.files.stat(id, "link")).toMatchObject({ name: "link", linkTarget: "/d" });
  expect((await engine.files.stat(id, "/link")).mode).toBe(2 ** 27 + 0o777);
  expect(await engine.files.stat(id, "/link/")).toMatchObject({ name: "link", linkTarget: "" });
  expect((await engine.files.stat(id, "/dangling")).linkTarget).toBe("/nowhere");
  expect(await engine.files.stat(id, "/")).toMatchObject({ name: "/" });
  expect(await failure(engine.files.stat(id, "/none"))).toEqual({
    code: "not_found",
    message: `Could not find the file /none in container ${id}`,
  });
  const head = await api.call("HEAD", `/containers/${id}/archive?path=/etc/group`);
  const stat = JSON.parse(atob(head.headers.get("x-docker-container-path-stat") ?? ""));
  expect(Object.keys(stat)).toEqual(["name", "size", "mode", "mtime", "linkTarget"]);
  expect((await api.call("HEAD", `/containers/${id}/archive`)).status).toBe(400);
  await remove(id);
});

test("files.archive() names entries by the path's last component", async () => {
  const id = await sleeper("mkdir -p /d/e; echo 1 > /d/f; ln -s f /d/l; ln -s /d /link");
  const inside = (base: string) => ({
    [`${base}/`]: "",
    [`${base}/e/`]: "",
    [`${base}/f`]: "1\n",
    [`${base}/l`]: "-> f",
  });
  expect(await archive(id, "/d")).toEqual(inside("d"));
  expect(await archive(id, "/d/")).toEqual(inside("d"));
  expect(await archive(id, "/d/.")).toEqual(inside("."));
  expect(await archive(id, "/link")).toEqual({ link: "-> /d" });
  expect(await archive(id, "/link/")).toEqual(inside("link"));
  expect(await archive(id, "/d/f")).toEqual({ f: "1\n" });
  expect(Object.keys(await archive(id, "/"))).toContain("/d/f");
  expect(await failure(engine.files.archive(id, "/d/f/"))).toMatchObject({ code: "invalid_argument" });
  await remove(id);
});

test("files.archive() can be left early, and holds nothing then", async () => {
  const { id } = await run(engine, ["sh", "-c", "dd if=/dev/zero of=/big bs=1M count=20 2>/dev/null"], {
    HostConfig: { AutoRemove: false },
  });
  for await (const _chunk of (await engine.files.archive(id, "/big")).content) break;
  await engine.containers.start(id);
  expect(mountsOf("/views/")).toEqual([]);
  await remove(id);
});

const mountsOf = (part: string) =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(part) && line.includes(at.root));

test("files.extract() puts files into running and stopped containers, owners and modes kept", async () => {
  const id = await sleeper("mkdir /d");
  const entries = [
    { name: "sub/", type: "5", mode: 0o700, uid: 7 },
    { name: "sub/f", content: "hello", uid: 1234, mode: 0o4755 },
    { name: "l", type: "2", linkname: "/etc" },
  ];
  await engine.files.extract(id, "/d", tarOf(...entries));
  const exec = await engine.execs.create(id, {
    Cmd: ["sh", "-c", "stat -c '%n %u:%g %a' /d/sub /d/sub/f; cat /d/sub/f"],
    AttachStdout: true,
  });
  await using streams = await engine.execs.start(exec.Id);
  let said = "";
  for await (const { data } of streams.output) said += Buffer.from(data).toString();
  expect(said).toBe("/d/sub 7:7 700\n/d/sub/f 1234:1234 4755\nhello");
  await engine.containers.stop(id, { timeout: 0 });
  await engine.files.extract(id, "d", tarOf({ name: "late", content: "x" }));
  expect(await archive(id, "/d/late")).toEqual({ late: "x" });
  await remove(id);
});

test("files.extract() says what is wrong with the destination", async () => {
  const id = await sleeper("mkdir /d; mkdir /d/dir; touch /d/file");
  const one = () => tarOf({ name: "x", content: "x" });
  expect(await failure(engine.files.extract(id, "/none", one()))).toEqual({
    code: "not_found",
    message: `Could not find the file /none in container ${id}`,
  });
  expect(await failure(engine.files.extract(id, "/d/file", one()))).toEqual({
    code: "invalid_argument",
    message: "extraction point is not a directory",
  });
  const over = { noOverwriteDirNonDir: true };
  expect(await failure(engine.files.extract(id, "/d", tarOf({ name: "dir", content: "x" }), over))).toEqual({
    code: "invalid_argument",
    message: 'cannot overwrite directory "/d/dir" with non-directory',
  });
  const directory = tarOf({ name: "file/", type: "5" });
  expect(await failure(engine.files.extract(id, "/d", directory, over))).toEqual({
    code: "invalid_argument",
    message: 'cannot overwrite non-directory "/d/file" with directory',
  });
  expect((await api.call("PUT", `/containers/${id}/archive?path=/none`, "")).status).toBe(404);
  const escape = engine.files.extract(id, "/d", tarOf({ name: "../../up", content: "x" }));
  expect(await failure(escape)).toMatchObject({ code: "invalid_argument" });
  await remove(id);
});

test("files.extract() gives everything to the container's user when asked", async () => {
  const { Id: id } = await engine.containers.create({ Image: "busybox", Cmd: ["true"], User: "app" });
  await engine.files.extract(id, "/tmp", tarOf({ name: "mine", uid: 5 }), { copyUIDGID: true });
  for await (const { header } of readTar((await engine.files.archive(id, "/tmp/mine")).content))
    expect([header.uid, header.gid]).toEqual([1000, 1001]);
  await remove(id);
});

test("volumes and binds are seen, running or stopped; what is read-only stays so", async () => {
  writeFileSync(join(host, "file"), "of the host");
  const Binds = [`${host}:/bind`, `${host}:/locked:ro`, "data:/data"];
  const { Id } = await engine.containers.create({
    Image: "busybox",
    Cmd: ["sleep", "1000"],
    HostConfig: { Binds, ReadonlyRootfs: true },
  });
  const check = async () => {
    expect(await archive(Id, "/bind/file")).toEqual({ file: "of the host" });
    await engine.files.extract(Id, "/data", tarOf({ name: "kept", content: "volume" }));
    expect(await archive(Id, "/data/kept")).toEqual({ kept: "volume" });
    expect(await failure(engine.files.extract(Id, "/locked", tarOf({ name: "x" })))).toEqual({
      code: "forbidden",
      message: "mounted volume is marked read-only",
    });
    expect(await failure(engine.files.extract(Id, "/etc", tarOf({ name: "x" })))).toEqual({
      code: "forbidden",
      message: "container rootfs is marked read-only",
    });
  };
  await check();
  await engine.containers.start(Id);
  await check();
  expect(existsSync(join(host, "x"))).toBe(false);
  await remove(Id);
  await engine.volumes.remove("data");
});

test("links of a container never lead out of it (CVE-2018-15664)", async () => {
  writeFileSync(join(host, "secret"), "secret of the host");
  const id = await sleeper(
    `ln -s ${host} /out; ln -s ../../../../../../..${host} /up; ln -s /proc/1/root /magic`,
  );
  for (const path of ["/out/secret", "/up/secret", `/magic${host}/secret`, `../../../..${host}/secret`]) {
    expect(await failure(engine.files.archive(id, path))).toMatchObject({
      code: expect.stringMatching(/not_found|invalid_argument/),
    });
  }
  const dangling = await failure(engine.files.extract(id, "/out", tarOf({ name: "planted" })));
  expect(dangling?.code).toBe("not_found");
  await engine.files.extract(id, "/", tarOf({ name: "out/planted", content: "x" })).catch(() => undefined);
  expect(existsSync(join(host, "planted"))).toBe(false);
  const linkFirst = [
    { name: "evil", type: "2", linkname: host },
    { name: "evil/planted", content: "x" },
  ];
  await engine.files.extract(id, "/tmp", tarOf(...linkFirst)).catch(() => undefined);
  expect(existsSync(join(host, "planted"))).toBe(false);
  await remove(id);
});

test("a link that is swapped in all the time never leads a copy out", async () => {
  writeFileSync(join(host, "flag"), "host");
  chmodSync(host, 0o755);
  const swap = `mkdir -p /w${host} /real; echo inside > /real/flag; ln -s ${host} /link;
    (while :; do mv /real /w/dir 2>/dev/null; mv /w/dir /real; mv /link /w/dir 2>/dev/null; mv /w/dir /link; done) & true`;
  const id = await sleeper(swap);
  for (let round = 0; round < 60; round += 1) {
    const seen = await archive(id, "/w/dir/flag").catch(() => ({}));
    expect(Object.values(seen)).not.toContain("host");
    const entry = { name: "flag", content: "planted", mode: 0o666 };
    await engine.files
      .extract(id, "/w/dir", tarOf(entry, { name: "d/", type: "5", mode: 0o777 }))
      .catch(() => undefined);
  }
  expect(readFileSync(join(host, "flag"), "utf8")).toBe("host");
  expect(statSync(host).mode & 0o777).toBe(0o755);
  expect(existsSync(join(host, "d"))).toBe(false);
  await remove(id);
});

test("devices of a container cannot be opened by a copy, pipes do not hold it up", async () => {
  const id = await sleeper("mkdir /n; mknod /n/null c 1 3; mknod /n/pipe p; echo x > /n/file");
  const found = await archive(id, "/n");
  expect(Object.keys(found).sort()).toEqual(["n/", "n/file", "n/null", "n/pipe"]);
  await remove(id);
});

test("files.export() is the whole root without volumes and without a leading slash", async () => {
  const id = await sleeper("echo x > /new; echo y > /data/in", { HostConfig: { Binds: ["vol:/data"] } });
  const found = await contents(await engine.files.export(id));
  expect(found).toMatchObject({ "etc/": "", new: "x\n", "data/": "", ".dockerenv": "" });
  expect(found["data/in"]).toBeUndefined();
  await engine.containers.stop(id, { timeout: 0 });
  expect((await contents(await engine.files.export(id)))["new"]).toBe("x\n");
  await remove(id);
  await engine.volumes.remove("vol");
});

test("views of a killed engine are taken away by the next one", async () => {
  const { id } = await run(engine, ["sh", "-c", "dd if=/dev/zero of=/big bs=1M count=30 2>/dev/null"], {
    HostConfig: { AutoRemove: false },
  });
  const { content } = await engine.files.archive(id, "/big");
  const reading = content[Symbol.asyncIterator]();
  await reading.next();
  await at.kill();
  await reading.next().catch(() => undefined);
  await at.restart();
  engine = at.engine;
  expect(mountsOf("/views/")).toEqual([]);
  expect(await logs(engine, id)).toBe("");
  await remove(id);
});

test("list() tells the names of a directory, of a running container and a stopped one, and never leaves its root", async () => {
  const made =
    "mkdir /d && cd /d && echo hello > f && mkdir s && ln -s /etc/../.. up && mkfifo p && sleep 600";
  const id = await start(engine, ["sh", "-c", made]);
  for (;;) if ((await failure(engine.files.stat(id, "/d/p"))) === undefined) break;
  const { Path, Files, Total } = await engine.files.list(id, "/d");
  expect({ Path, Total }).toEqual({ Path: "/d", Total: 4 });
  expect(Files.map(({ Name, Kind, Target }) => [Name, Kind, Target].join(" ").trim())).toEqual([
    "f file",
    "p other",
    "s directory",
    "up symlink /etc/../..",
  ]);
  expect(Files[0]).toMatchObject({ Size: 6, Mode: 0o644, Uid: 0 });
  expect((await engine.files.list(id, "/d/up")).Path).toBe("/");
  expect(await failure(engine.files.list(id, "/d/f"))).toMatchObject({ code: "invalid_argument" });
  expect(await failure(engine.files.list(id, "/none"))).toMatchObject({ code: "not_found" });
  await engine.containers.kill(id);
  await engine.containers.wait(id);
  expect((await engine.files.list(id, "d/s/..")).Files).toHaveLength(4);
  await engine.containers.remove(id, { force: true });
});
