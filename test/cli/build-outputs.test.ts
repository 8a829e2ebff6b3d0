import { afterAll, beforeAll, expect, test } from "bun:test";
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LocalRegistry } from "../registry/local-registry.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
beforeAll(async () => {
  [lab, registry] = await Promise.all([Lab.open(), LocalRegistry.open()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([lab[Symbol.asyncDispose](), registry[Symbol.asyncDispose]()]);
}, 60_000);

const text = "FROM scratch\nARG TARGETARCH\nCOPY a /a\nCOPY <<EOF /arch\n$TARGETARCH\nEOF\n";
const context = () => lab.files({ Dockerfile: text, a: "content" });

const images = async () => (await lab.out("images", "-aq")).split("\n");

/** The layers of the first manifest that an index leads to. */
function layersOf(layout: string): { readonly mediaType: string }[] {
  const read = (path: string): unknown => JSON.parse(readFileSync(join(layout, path), "utf8"));
  const { manifests } = read("index.json") as { manifests: { digest: string }[] };
  const blob = `blobs/${manifests[0]?.digest.replace(":", "/")}`;
  return (read(blob) as { layers: { mediaType: string }[] }).layers;
}

test("several outputs at once; nothing of them stays in the store", async () => {
  const before = await images();
  const at = (name: string) => join(lab.directory, name);
  const built = await lab.run([
    "build",
    "-t",
    "elsewhere:1",
    "-o",
    at("files"),
    "--output",
    `type=tar,dest=${at("files.tar")}`,
    "-o",
    `type=oci,dest=${at("image.tar")}`,
    "-o",
    `type=oci,dest=${at("layout")},tar=false,name=other`,
    "-o",
    "type=docker,dest=-",
    context(),
  ]);
  expect(built.code).toBe(0);
  expect(built.stderr).not.toContain("slipway.invalid");
  expect(readFileSync(join(at("files"), "a"), "utf8")).toBe("content");
  const list = (archive: string) => Bun.spawnSync(["tar", "-tf", archive]).stdout.toString();
  expect(list(at("files.tar"))).toContain("arch\n");
  expect(list(at("image.tar"))).toContain("oci-layout\n");
  expect(readFileSync(join(at("layout"), "index.json"), "utf8")).toContain("docker.io/library/other:latest");
  expect(built.stdout).toContain("docker.io/library/elsewhere:1");
  expect(await images()).toEqual(before);
  expect(await lab.out("builds", "ls")).not.toContain("slipway.invalid");
}, 60_000);

test("-o local of several platforms makes a directory of each", async () => {
  const before = await images();
  const out = join(lab.directory, "split");
  await lab.out("build", "-q", "--platform", "linux/amd64,linux/arm64", "-o", out, context());
  expect(readdirSync(out).sort()).toEqual(["linux_amd64", "linux_arm64"]);
  expect(readFileSync(join(out, "linux_arm64/arch"), "utf8")).toBe("arm64\n");
  expect(await images()).toEqual(before);
  const tar = await lab.run(["build", "-q", "--platform", "linux/amd64,linux/arm64", "-o", "-", context()]);
  expect([tar.code, tar.stderr]).toEqual([
    1,
    expect.stringContaining("use type=local or type=oci for several"),
  ]);
  expect(await images()).toEqual(before);
}, 60_000);

test.each([
  ["zstd", "application/vnd.oci.image.layer.v1.tar+zstd"],
  ["gzip", "application/vnd.oci.image.layer.v1.tar+gzip"],
  ["uncompressed", "application/vnd.oci.image.layer.v1.tar"],
])(
  "--compression %s, in a layout and in a registry",
  async (compression, mediaType) => {
    const layout = join(lab.directory, `layout-${compression}`);
    const name = `127.0.0.1:${registry.port}/compressed:${compression}`;
    await lab.out(
      "build",
      "-q",
      "--no-cache",
      "--compression",
      compression,
      "-o",
      `type=oci,tar=false,dest=${layout}`,
      context(),
    );
    expect(new Set(layersOf(layout).map((layer) => layer.mediaType))).toEqual(new Set([mediaType]));
    // Nobody gave it a name.
    expect(readFileSync(join(layout, "index.json"), "utf8")).not.toContain("annotations");
    await lab.out("build", "-q", "-o", `type=registry,name=${name},compression=${compression}`, context());
    const manifest = JSON.parse(await lab.out("manifest", "inspect", name)) as {
      layers: { mediaType: string }[];
    };
    expect(new Set(manifest.layers.map((layer) => layer.mediaType))).toEqual(new Set([mediaType]));
  },
  60_000,
);

test("annotations of outputs; a metadata file; what fails leaves no file and no image", async () => {
  const before = await images();
  const file = join(lab.directory, "metadata.json");
  const annotation = "type=image,name=annotated,annotation.k=v,annotation-index.i=w";
  await lab.out("build", "-q", "--metadata-file", file, "-o", annotation, context());
  const metadata = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const index = JSON.parse(await lab.out("manifest", "inspect", "--local", "annotated")) as object;
  expect(index).toMatchObject({ annotations: { i: "w" }, manifests: [{ platform: { os: "linux" } }] });
  expect(metadata["containerimage.descriptor"]).toMatchObject({
    mediaType: "application/vnd.oci.image.index.v1+json",
    digest: metadata["containerimage.digest"],
  });
  await lab.out("rmi", "annotated");
  const dest = join(lab.directory, "no/such/directory/x.tar");
  const failed = await lab.run(["build", "-o", `type=oci,dest=${dest}`, context()]);
  expect(failed.code).toBe(1);
  expect(existsSync(dest)).toBe(false);
  expect((await images()).length).toBeLessThanOrEqual(before.length);
}, 60_000);

test("--build-context oci-layout:// is an image in a directory, by tag, by digest, or the only one", async () => {
  const before = await images();
  const layout = join(lab.directory, "base-layout");
  await lab.out("build", "-q", "-o", `type=oci,tar=false,dest=${layout},name=base:7`, context());
  const { manifests } = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as {
    manifests: { digest: string }[];
  };
  const using = lab.files({ Dockerfile: "FROM base\nCOPY --from=base /a /b\n" });
  for (const ref of ["", ":7", `@${manifests[0]?.digest}`]) {
    const out = join(lab.directory, `from-layout${ref.length}`);
    const given = `base=oci-layout://${layout}${ref}`;
    await lab.out("build", "-q", "--pull", "--build-context", given, "-o", out, using);
    expect(readFileSync(join(out, "b"), "utf8")).toBe("content");
  }
  const none = await lab.run(["build", "--build-context", `base=oci-layout://${layout}:8`, using]);
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('has no single image "8"')]);
  expect(await images()).toEqual(before);
}, 60_000);

test("push-by-digest leaves no tag, here or there; the metadata file has the digest that was pushed", async () => {
  const repository = `127.0.0.1:${registry.port}/matrix`;
  const file = join(lab.directory, "metadata.json");
  const output = `type=image,name=${repository},push-by-digest=true,name-canonical=true,push=true`;
  const ran = await lab.run(["build", "--output", output, "--metadata-file", file, context()]);
  expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)]);
  const digest = (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>)["containerimage.digest"];
  expect(registry.asked("PUT")).toContain(`PUT /v2/matrix/manifests/${digest}`);
  const tags = await fetch(`http://127.0.0.1:${registry.port}/v2/matrix/tags/list`);
  expect(await tags.text()).not.toContain("latest");
  expect(await lab.out("images", repository, "--format", "{{.Tag}}")).not.toContain("latest");
  const pulled = await lab.run(["pull", "-q", `${repository}@${digest}`]);
  expect([pulled.code, pulled.stderr]).toEqual([0, ""]);
  // A push by name says its digest, too.
  const named = await lab.run([
    "build",
    "--push",
    "-t",
    `${repository}:t`,
    "--metadata-file",
    file,
    context(),
  ]);
  expect(named.code).toBe(0);
  const second = (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>)["containerimage.digest"];
  const answer = await fetch(`http://127.0.0.1:${registry.port}/v2/matrix/manifests/t`, { method: "HEAD" });
  expect(answer.headers.get("docker-content-digest")).toBe(second as string);
}, 60_000);

test("an image made only for --output goes with its client, also when that is killed", async () => {
  const before = await images();
  const fifo = join(lab.directory, "nobody-reads");
  Bun.spawnSync(["mkfifo", fifo]);
  const fd = openSync(fifo, "r+");
  try {
    const directory = lab.files({ Dockerfile: "FROM busybox\nCOPY a /killed\n", a: "x".repeat(1 << 20) });
    const bin = join(import.meta.dir, "../../src/cli/bin.ts");
    const words = [process.execPath, bin, "build", "-q", "-o", "type=oci,dest=-", directory];
    const client = Bun.spawn(words, { env: lab.env, stdin: "ignore", stdout: fd, stderr: "ignore" });
    const become = async (wanted: (now: string[]) => boolean): Promise<void> => {
      while (!wanted(await images())) await Bun.sleep(50);
    };
    await become((now) => now.length > before.length);
    expect(client.exitCode).toBeNull();
    client.kill("SIGKILL");
    await client.exited;
    await become((now) => now.length === before.length);
    expect(await images()).toEqual(before);
  } finally {
    closeSync(fd);
  }
}, 60_000);
