import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readBlob } from "../../src/content/read-blob.ts";
import { readTar } from "../../src/layer/tar/tar-reader.ts";
import { chainID, parseDiffID } from "../../src/oci/digest.ts";
import { parseManifest } from "../../src/oci/parse-manifest.ts";
import { AT_FDCWD } from "../../src/platform/fd.ts";
import { getXattr, setXattr } from "../../src/platform/xattr.ts";
import { BuildHarness, type Built } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;

beforeAll(async () => {
  harness = await BuildHarness.open();
  const text = [
    "FROM busybox",
    "RUN mkdir -p /base/d/sub /base/gone /base/swap /base/remade && echo 1 > /base/d/f && echo 2 > /base/d/sub/g",
    "RUN echo 3 > /base/gone/h && echo 4 > /base/file && echo 5 > /base/swap/i && echo 6 > /base/remade/j",
  ].join("\n");
  await build(text, { tags: ["base:latest"] });
});
afterAll(() => harness[Symbol.asyncDispose]());

function build(
  text: string,
  more: { tags?: string[]; squash?: boolean; noCache?: boolean } = {},
): Promise<Built> {
  return harness.build({ context: { kind: "empty" }, dockerfile: { text }, ...more });
}

const steps = [
  "FROM base",
  "RUN echo big > /secret && mkdir /new && echo a > /new/a && ln /new/a /new/b && mkdir /new/d && echo x > /new/d/x",
  "RUN rm /secret && rm -r /base/gone && rm /base/d/f && chmod 4755 /new/a",
  "RUN rm /base/file && mkdir /base/file && echo in > /base/file/k && rm -r /base/swap && echo file > /base/swap",
  "RUN rm -r /base/remade && mkdir /base/remade && echo new > /base/remade/l && rm -r /new/d && mkdir /new/d",
  "RUN rm -r /base/d/sub && ln -s f /base/d/sub && chown 1000:1001 /base/d && touch -d '2001-02-03 04:05:06' /base/d",
  "RUN rm /base/swap && mkdir /base/swap && echo m > /base/swap/m && rm /new/b && touch /base/late",
  "RUN rm /base/late",
  'CMD ["x"]',
].join("\n");

/** What the kernel shows of an image: paths, types, modes, owners, times, links, contents. */
async function tree(built: Built, more: (root: string) => unknown = () => ""): Promise<string> {
  const chain = chainID(built.config.rootfs.diff_ids.map(parseDiffID));
  const snapshot = chain === undefined ? undefined : harness.layers.get(chain)?.snapshot;
  if (snapshot === undefined) throw new Error("The image is not unpacked");
  const key = `view-${crypto.randomUUID()}`;
  const [mount] = await harness.snapshotter.view(key, snapshot);
  const root = harness.directory(key);
  run(["mount", "-t", "overlay", "overlay", "-o", mount?.options.join(",") ?? "", root]);
  try {
    const list = run(["find", root, "-mindepth", "1", "-printf", "%P %y %m %U %G %T@ %l\n"]);
    const sums = run(["find", root, "-type", "f", "-exec", "sha256sum", "{}", "+"]).replaceAll(root, "");
    const texts = [list, sums].map((text) => text.split("\n").toSorted().join("\n"));
    return [...texts, JSON.stringify(more(root))].join("\n");
  } finally {
    run(["umount", root]);
    await harness.snapshotter.remove(key);
  }
}

function run(command: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
}

/** The names in a layer's tar. */
async function entries(tar: Uint8Array): Promise<string[]> {
  const found: string[] = [];
  const stream = (async function* () {
    yield await Promise.resolve(tar);
  })();
  for await (const { header } of readTar(stream)) found.push(header.name);
  return found;
}

async function layerNames(built: Built): Promise<string[]> {
  const { manifest } = harness.images.get(built.result.imageID);
  const layer = parseManifest(await readBlob(harness.images, manifest)).layers.at(-1);
  if (layer === undefined) throw new Error("No layer");
  return await entries(await readBlob(harness.images, layer));
}

test("squash makes one layer on top of the base's, with the filesystem of all", async () => {
  const whole = await build(steps);
  const one = await build(steps, { squash: true });
  const base = harness.configOf(harness.images.get("base:latest").id);
  expect(one.config.rootfs.diff_ids).toHaveLength(base.rootfs.diff_ids.length + 1);
  expect(one.config.rootfs.diff_ids.slice(0, -1)).toEqual([...base.rootfs.diff_ids]);
  expect(await tree(one)).toEqual(await tree(whole));
});

test("squash leaves nothing of what later steps deleted, and whiteouts only of what the base has", async () => {
  const names = await layerNames(await build(steps, { squash: true }));
  expect(names.filter((name) => /secret|late|new\/b|new\/d\/x|new\/d\/\.wh/.test(name))).toEqual([]);
  expect(names.filter((name) => name.includes(".wh.")).toSorted()).toEqual([
    "base/.wh.gone",
    "base/d/.wh.f",
    "base/remade/.wh..wh..opq",
    "base/swap/.wh..wh..opq",
  ]);
});

test("squash keeps the history without its layers, and adds the line of the merge; the same build is the same image", async () => {
  const whole = await build(steps);
  const one = await build(steps, { squash: true });
  const base = harness.images.get("base:latest");
  const own = one.config.history?.slice(harness.configOf(base.id).history?.length ?? 0) ?? [];
  expect(own.slice(0, -1).every((entry) => entry.empty_layer === true)).toBe(true);
  expect(own.at(-1)).toMatchObject({ comment: `merge ${whole.result.imageID} to ${base.id}` });
  expect(own.at(-1)?.empty_layer).toBeUndefined();
  expect((await build(steps, { squash: true })).result.imageID).toBe(one.result.imageID);
});

test("squash keeps devices, pipes and extended attributes, and drops those that a later step replaced", async () => {
  const path = harness.directory("special");
  // cap_net_bind_service, effective and permitted (capabilities(7), "File capabilities").
  const capability = Buffer.from("0100000200040000000000000000000000000000", "hex");
  for (const name of ["kept", "gone", "swapped"]) {
    writeFileSync(join(path, name), name);
    setXattr(AT_FDCWD, join(path, name), "security.capability", capability);
  }
  run([
    "tar",
    "--xattrs",
    "--xattrs-include=*",
    "--format=posix",
    "-C",
    path,
    "-cf",
    `${path}/a.tar`,
    "kept",
    "gone",
    "swapped",
  ]);
  const text = [
    "FROM base",
    "ADD a.tar /caps/",
    "RUN mknod /caps/null c 1 3 && mknod /caps/block b 7 0 && mkfifo /caps/pipe && mknod /caps/late c 1 5",
    "RUN rm /caps/gone /caps/block && mkdir /caps/block && rm /caps/late && echo f > /caps/late",
    "RUN rm /caps/swapped && mknod /caps/swapped c 1 9 && echo more > /caps/other && rm /base/file && mknod /base/file p",
  ].join("\n");
  const request = { context: { kind: "directory", path }, dockerfile: { text } } as const;
  const [whole, one] = [await harness.build(request), await harness.build({ ...request, squash: true })];
  const special = (root: string): unknown => [
    Buffer.from(getXattr(AT_FDCWD, `${root}/caps/kept`, "security.capability") ?? []).toString("hex"),
    ["null", "swapped"].map((name) => statSync(`${root}/caps/${name}`).rdev),
    ["block", "late", "pipe", "other"].map((name) => statSync(`${root}/caps/${name}`).mode & 0o170000),
  ];
  const squashed = await tree(one, special);
  expect(squashed).toBe(await tree(whole, special));
  expect(squashed).toContain(`["${capability.toString("hex")}",[259,265]`);
  expect(await layerNames(one)).not.toContain("caps/gone");
});

test("squash over nothing has no whiteout at all", async () => {
  const text =
    'FROM busybox AS tool\nRUN mkdir /o && echo 1 > /o/a\nFROM scratch\nCOPY --from=tool /bin /bin\nRUN ["/bin/mkdir","/x"]\nRUN ["/bin/rm","-r","/x"]\nCOPY --from=tool /o /o';
  const one = await build(text, { squash: true });
  expect(one.config.rootfs.diff_ids).toHaveLength(1);
  expect((await layerNames(one)).filter((name) => name.includes(".wh.") || name.startsWith("x"))).toEqual([]);
  expect(one.config.history?.at(-1)?.comment).toStartWith("create new from sha256:");
});
