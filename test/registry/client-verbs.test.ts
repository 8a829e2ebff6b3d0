import { join } from "node:path";
import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage, writeIndex } from "../../src/image/testing/random-image.ts";
import { validateImage } from "../../src/image/testing/validate-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { chunks, repositoryAt } from "./blobs.ts";
import { LocalRegistry } from "./local-registry.ts";

const program = join(import.meta.dir, "../../src/cli/bin.ts");

async function slipway(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { PATH: process.env.PATH ?? "", HOME: "/nonexistent" };
  const child = Bun.spawn([process.execPath, program, "registry", ...args], {
    env,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

async function multiArch(host: string) {
  const source = new MemoryTarget();
  const platforms = [
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ];
  const images = await Promise.all(
    platforms.map(async (platform) => ({
      platform,
      image: await randomImage(source.content, { platform, size: 200_000 }),
    })),
  );
  const index = await writeIndex(source.content, images);
  await copy(source, index, repositoryAt(host, "team/app"), "v1");
  return { index, images };
}

test("registry ls, tags, inspect and delete", async () => {
  await using registry = await LocalRegistry.open();
  const { index, images } = await multiArch(registry.host);
  expect((await slipway("ls", registry.host)).out).toBe(`${registry.host}/team/app\n`);
  expect((await slipway("ls", `${registry.host}/other`)).out).toBe("");
  const app = `${registry.host}/team/app`;
  expect((await slipway("tags", app)).out).toBe("v1\n");
  const shown = JSON.parse((await slipway("inspect", `${app}:v1`)).out);
  expect([shown.Digest, shown.Manifests.length]).toEqual([index.digest, 2]);
  const { digest } = images[0]!.image.descriptor;
  const image = JSON.parse((await slipway("inspect", `${app}@${digest}`)).out);
  expect([image.Config.architecture, image.Layers.length > 0]).toEqual(["amd64", true]);
  const raw = await slipway("inspect", "--raw", `${app}@${digest}`);
  expect(digestOf(raw.out)).toBe(digest);
  expect(await slipway("delete", `${app}:v1`)).toMatchObject({ code: 0, out: `Deleted: ${app}:v1\n` });
  const again = await slipway("delete", `${app}:v1`);
  expect([again.code, again.err.includes("manifest unknown")]).toEqual([1, true]);
  expect((await slipway("delete", app)).err).toContain("names neither a tag nor a digest");
}, 30_000);

test("registry verbs say once what a registry wants its users to know", async () => {
  await using registry = await LocalRegistry.open({
    before: async (request, answer) => {
      const response = await answer(request);
      response.headers.set("warning", '299 - "this registry moves in May"');
      return response;
    },
  });
  await multiArch(registry.host);
  const { out, err } = await slipway("inspect", `${registry.host}/team/app:v1`);
  expect([JSON.parse(out).Manifests.length, err]).toEqual([
    2,
    `WARNING: ${registry.host} says: this registry moves in May\n`,
  ]);
}, 30_000);

test("registry copy takes whole indexes from registry to registry, and mounts within one", async () => {
  await using one = await LocalRegistry.open();
  await using two = await LocalRegistry.open();
  const { index } = await multiArch(one.host);
  const subject = { mediaType: index.mediaType, digest: index.digest, size: index.size };
  const config = { mediaType: mediaTypes.ociEmpty, digest: digestOf("{}"), size: 2 };
  const source = repositoryAt(one.host, "team/app");
  await source.push(config, chunks(Buffer.from("{}")));
  const signature = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType: "a/b",
      config,
      layers: [],
      subject,
    }),
  );
  const desc = { mediaType: mediaTypes.ociManifest, digest: digestOf(signature), size: signature.length };
  await source.push(desc, chunks(signature));
  const copied = await slipway("copy", "--referrers", `${one.host}/team/app:v1`, `${two.host}/mirror/app`);
  expect([copied.code, copied.out]).toEqual([0, `${index.digest}\n`]);
  expect(await validateImage(repositoryAt(two.host, "mirror/app"), "v1")).toBeGreaterThan(6);
  const referrers = await repositoryAt(two.host, "mirror/app").referrers(index.digest);
  expect(referrers.map(({ digest }) => digest)).toEqual([desc.digest]);
  one.requests.length = 0;
  const mounted = await slipway("copy", `${one.host}/team/app:v1`, `${one.host}/team/copy:v2`);
  expect(mounted.err).toContain("mounted ");
  expect(one.asked("PUT").filter((line) => line.includes("/blobs/"))).toEqual([]);
  expect(await validateImage(repositoryAt(one.host, "team/copy"), "v2")).toBeGreaterThan(6);
}, 30_000);

test("registry sync makes tags equal by patterns, with signatures, and deletes what is gone", async () => {
  await using one = await LocalRegistry.open();
  await using two = await LocalRegistry.open();
  const { index } = await multiArch(one.host);
  const from = repositoryAt(one.host, "team/app");
  const signature = `${index.digest.replace(":", "-")}.sig`;
  for (const tag of ["v2", "dev", signature]) await from.tag(index, tag);
  await copy(from, index, repositoryAt(one.host, "other/app"), "v1");
  await copy(from, index, repositoryAt(two.host, "backup/team/app"), "v0");
  const to = repositoryAt(two.host, "backup/team/app");
  const sync = async (...flags: string[]) =>
    await slipway("sync", ...flags, `${one.host}/team/*:v*`, `${two.host}/backup`);
  const planned = await sync("--dry-run", "--delete", "--exclude", "v2");
  expect([planned.code, planned.out]).toEqual([
    0,
    `copied team/app:v1 ${index.digest}\ndeleted team/app:v0\n`,
  ]);
  expect(await to.tags()).toEqual(["v0"]);
  expect((await sync("--exclude", "v2")).err).toContain("Copied 1, unchanged 0, deleted 0, failed 0");
  expect(await to.tags()).toEqual(["v0", "v1"]);
  expect((await sync("--delete", "--referrers")).err).toContain("Copied 1, unchanged 1, deleted 1, failed 0");
  expect(await to.tags()).toEqual([signature, "v1", "v2"]);
  expect(
    await repositoryAt(two.host, "backup/other/app")
      .tags()
      .catch(() => "none"),
  ).toBe("none");
  expect(await validateImage(to, "v1")).toBeGreaterThan(6);
  await using broken = await LocalRegistry.open({ before: () => new Response("no", { status: 400 }) });
  const failed = await slipway("sync", `${one.host}/team/app`, broken.host);
  expect([failed.code, failed.err.includes("failed team/app:v1: ")]).toEqual([1, true]);
}, 30_000);

test("a push to a registry without the referrers API writes the referrers tag, and a deletion too", async () => {
  await using old = await LocalRegistry.open({
    before: async (request, registry) => {
      if (request.url.includes("/referrers/")) return new Response(null, { status: 404 });
      const answer = await registry(request);
      answer.headers.delete("oci-subject");
      return answer;
    },
  });
  const repository = repositoryAt(old.host, "a");
  const config = { mediaType: mediaTypes.ociEmpty, digest: digestOf("{}"), size: 2 };
  await repository.push(config, chunks(Buffer.from("{}")));
  const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf("subject"), size: 7 };
  for (const artifactType of ["a/signature", "a/sbom", "a/sbom"]) {
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, artifactType, config, layers: [], subject }),
    );
    await repository.push(
      { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length },
      chunks(bytes),
    );
  }
  const found = await repository.referrers(subject.digest);
  expect(found.map(({ artifactType }) => artifactType)).toEqual(["a/signature", "a/sbom"]);
  expect(await repository.tags()).toEqual([subject.digest.replace(":", "-")]);
  const [signature, sbom] = found;
  await repository.delete(signature?.digest ?? "");
  expect(await repository.referrers(subject.digest)).toEqual([sbom!]);
  await repository.delete(sbom?.digest ?? "");
  expect(await repository.referrers(subject.digest)).toEqual([]);
});
