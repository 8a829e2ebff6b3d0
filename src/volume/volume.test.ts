import {
  chmod,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "bun:test";
import { TreeCopier } from "../snapshot/tree-copier.ts";
import { errorMessage } from "../errors.ts";
import { State } from "../state/state.ts";
import { AT_FDCWD, closeFd, O_DIRECTORY, O_RDONLY, openAt } from "../platform/fd.ts";
import { getXattr, setXattr } from "../platform/xattr.ts";
import { chownAt } from "../platform/dir-at.ts";
import { withSubpath } from "./confined-directory.ts";
import { copyUp } from "./copy-up.ts";
import type { Volume } from "./volume.ts";
import { VolumeStore } from "./volume-store.ts";

interface Place extends AsyncDisposable {
  readonly path: string;
  readonly volumes: VolumeStore;
}

async function place(): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), "slipway-volume-"));
  const state = State.open(":memory:");
  return {
    path,
    volumes: new VolumeStore(state.collection<Volume>("volume"), join(path, "volumes")),
    [Symbol.asyncDispose]: async () => {
      state[Symbol.dispose]();
      await rm(path, { recursive: true, force: true });
    },
  };
}

function onDirectory<T>(path: string, work: (dir: number) => T): T {
  const dir = openAt(AT_FDCWD, path, O_RDONLY | O_DIRECTORY);
  try {
    return work(dir);
  } finally {
    closeFd(dir);
  }
}

test("VolumeStore.create() returns the volume of that name when there is one", async () => {
  await using at = await place();
  const first = await at.volumes.create({ name: "data", labels: { a: "b" } });
  expect(await at.volumes.create({ name: "data" })).toEqual(first);
  expect(at.volumes.list()).toHaveLength(1);
  expect((await lstat(at.volumes.path("data"))).isDirectory()).toBe(true);
  expect(at.volumes.isAnonymous("data")).toBe(false);
});

test("VolumeStore.create() without a name makes an anonymous volume", async () => {
  await using at = await place();
  const volume = await at.volumes.create();
  expect(volume.name).toMatch(/^[0-9a-f]{64}$/);
  expect(at.volumes.isAnonymous(volume.name)).toBe(true);
});

test("VolumeStore.create() refuses bad names, drivers and options in Docker's words", async () => {
  await using at = await place();
  await expect(at.volumes.create({ name: "../etc" })).rejects.toThrow(
    'create ../etc: "../etc" includes invalid characters for a local volume name',
  );
  await expect(at.volumes.create({ name: "a" })).rejects.toThrow("volume name is too short");
  await expect(at.volumes.create({ driver: "nfs" })).rejects.toThrow('plugin "nfs" not found');
  await expect(at.volumes.create({ options: { colour: "red" } })).rejects.toThrow('invalid option: "colour"');
  await expect(at.volumes.create({ options: { type: "tmpfs" } })).rejects.toThrow(
    'missing required option: "device"',
  );
});

test("VolumeStore.remove() refuses while in use, then removes data and record", async () => {
  await using at = await place();
  await at.volumes.create({ name: "data" });
  await writeFile(join(at.volumes.path("data"), "file"), "x");
  await expect(at.volumes.remove("data", ["abc"])).rejects.toThrow("remove data: volume is in use - [abc]");
  expect(await at.volumes.size("data")).toBe(1);
  await at.volumes.remove("data");
  expect(await readdir(join(at.path, "volumes"))).toEqual([]);
  await expect(at.volumes.remove("data")).rejects.toThrow("get data: no such volume");
});

test("VolumeStore.open() mounts the device of a volume with options, close() detaches it", async () => {
  await using at = await place();
  await at.volumes.create({ name: "mem", options: { type: "tmpfs", device: "tmpfs", o: "size=1m" } });
  try {
    const path = await at.volumes.open("mem");
    expect(await at.volumes.open("mem")).toBe(path);
    await writeFile(join(path, "file"), "x");
    const mounts = await readFile("/proc/self/mounts", "utf8");
    expect(mounts.split("\n").filter((line) => line.includes(path))).toHaveLength(1);
    await at.volumes.close("mem");
    expect(await readdir(path)).toEqual([]);
  } finally {
    await at.volumes.close("mem");
  }
});

test("VolumeStore.open() mounts a bound directory of the same file system once", async () => {
  await using at = await place();
  const device = await mkdtemp(join(tmpdir(), "slipway-bound-"));
  await at.volumes.create({ name: "bound", options: { type: "none", device, o: "bind" } });
  try {
    const path = await at.volumes.open("bound");
    await at.volumes.open("bound");
    await writeFile(join(path, "file"), "x");
    const mounts = await readFile("/proc/self/mountinfo", "utf8");
    expect(mounts.split("\n").filter((line) => line.includes(` ${path} `))).toHaveLength(1);
    await at.volumes.remove("bound");
    expect(await readdir(device)).toEqual(["file"]);
  } finally {
    await at.volumes.close("bound");
    await rm(device, { recursive: true });
  }
});

test("VolumeStore.open() tells why the device cannot be mounted", async () => {
  await using at = await place();
  await at.volumes.create({ name: "bad", options: { type: "none", device: "/no/such/device", o: "bind" } });
  await expect(at.volumes.open("bad")).rejects.toThrow(
    "failed to mount local volume: mount /no/such/device:",
  );
});

const copier = new TreeCopier();
afterAll(() => copier[Symbol.asyncDispose]());

test("copyUp() keeps owners, modes, times, attributes, links and names", async () => {
  await using at = await place();
  const root = join(at.path, "root");
  const data = join(root, "data");
  await mkdir(join(data, "sub"), { recursive: true });
  await writeFile(join(data, "file"), "content");
  await chmod(join(data, "file"), 0o4755);
  chownAt(AT_FDCWD, join(data, "sub"), 12, 34);
  await link(join(data, "file"), join(data, "sub/again"));
  await symlink("/etc/passwd", join(data, "link"));
  onDirectory(data, (dir) => setXattr(dir, "file", "trusted.colour", Buffer.from("red")));
  await chmod(data, 0o750);
  await at.volumes.create({ name: "data" });
  const volume = at.volumes.path("data");
  expect(await copyUp(root, "/data", volume, copier)).toBe(true);
  const [file, again] = [await lstat(join(volume, "file")), await lstat(join(volume, "sub/again"))];
  expect(file.mode & 0o7777).toBe(0o4755);
  expect(again.ino).toBe(file.ino);
  expect(file.mtimeMs).toBe((await lstat(join(data, "file"))).mtimeMs);
  expect((await lstat(join(volume, "sub"))).uid).toBe(12);
  expect((await lstat(join(volume, "sub"))).gid).toBe(34);
  expect(await readlink(join(volume, "link"))).toBe("/etc/passwd");
  expect((await lstat(volume)).mode & 0o7777).toBe(0o750);
  const colour = onDirectory(volume, (dir) => getXattr(dir, "file", "trusted.colour"));
  expect(Buffer.from(colour ?? []).toString()).toBe("red");
});

test("copyUp() leaves a volume that holds something, and a target that is not there", async () => {
  await using at = await place();
  const root = join(at.path, "root");
  await mkdir(join(root, "data"), { recursive: true });
  await writeFile(join(root, "data/new"), "");
  await at.volumes.create({ name: "data" });
  expect(await copyUp(root, "/missing", at.volumes.path("data"), copier)).toBe(false);
  await writeFile(join(at.volumes.path("data"), "old"), "");
  expect(await copyUp(root, "/data", at.volumes.path("data"), copier)).toBe(false);
  expect(await readdir(at.volumes.path("data"))).toEqual(["old"]);
});

test("copyUp() follows links of the image inside its root only", async () => {
  await using at = await place();
  const [root, secret] = [join(at.path, "root"), join(at.path, "secret")];
  await mkdir(join(root, "inner"), { recursive: true });
  await mkdir(secret);
  await writeFile(join(secret, "key"), "secret");
  await writeFile(join(root, "inner/ok"), "");
  await symlink(secret, join(root, "absolute"));
  await symlink("../secret", join(root, "relative"));
  await symlink("/inner", join(root, "good"));
  await at.volumes.create({ name: "data" });
  const volume = at.volumes.path("data");
  for (const target of ["/absolute", "/relative", "/../secret"]) {
    expect(await copyUp(root, target, volume, copier)).toBe(false);
  }
  expect(await readdir(volume)).toEqual([]);
  expect(await copyUp(root, "/good", volume, copier)).toBe(true);
  expect(await readdir(volume)).toEqual(["ok"]);
});

test("withSubpath() stays inside the volume, and with the directory it found", async () => {
  await using at = await place();
  await at.volumes.create({ name: "data" });
  const volume = at.volumes.path("data");
  await mkdir(join(volume, "sub"));
  await symlink("/sub", join(volume, "link"));
  await symlink("/etc", join(volume, "out"));
  await writeFile(join(volume, "sub/mine"), "");
  const seen = await withSubpath(volume, "link", async (path) => {
    await rename(join(volume, "sub"), join(volume, "moved"));
    await symlink("/etc", join(volume, "sub"));
    return await readdir(`${path}/.`);
  });
  expect(seen).toEqual(["mine"]);
  const outside = withSubpath(volume, "out", () => undefined);
  expect(await outside.catch(errorMessage)).toContain("no such directory");
});

test("VolumeStore.sweep() removes what was being made or removed, and keeps what a container has", async () => {
  await using lab = await place();
  await lab.volumes.create({ name: "taken" });
  await lab.volumes.create({ name: "had", pending: true });
  await lab.volumes.create({ name: "lost", pending: true });
  await lab.volumes.create({ name: "settled", pending: true });
  lab.volumes.settle("settled");
  await lab.volumes.create({ name: "both", pending: true });
  await lab.volumes.create({ name: "both" });
  await lab.volumes.sweep(new Set(["had"]));
  expect(lab.volumes.list().map(({ name }) => name)).toEqual(["both", "had", "settled", "taken"]);
  expect((await readdir(join(lab.path, "volumes"))).toSorted()).toEqual(["both", "had", "settled", "taken"]);
  expect(lab.volumes.list().some(({ pending }) => pending)).toBe(false);
});
