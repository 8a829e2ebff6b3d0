import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { copyReferrers } from "../../src/cli/registry/copy-referrers.ts";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage, writeIndex } from "../../src/image/testing/random-image.ts";
import { validateImage } from "../../src/image/testing/validate-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import type { Repository } from "../../src/registry/client/repository.ts";
import { chunks, repositoryAt } from "./blobs.ts";
import { DockerDaemon, dockerd } from "./docker-daemon.ts";
import { DockerRegistry, dockerRegistry } from "./docker-registry.ts";
import { LocalRegistry } from "./local-registry.ts";

/** Debian's clients against our server, and our client against Debian's server; digests are equal everywhere. */

async function run(...argv: string[]): Promise<string> {
  const child = Bun.spawn(argv, { stdout: "pipe", stderr: "pipe" });
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${argv.join(" ")}: ${errors}`);
  return output;
}

async function pushed(repository: Repository): Promise<{ digest: string; id: string }> {
  const source = new MemoryTarget();
  const image = await randomImage(source.content, { layers: 3, size: 100_000 });
  await copy(source, image.descriptor, repository, "v1");
  return { digest: image.descriptor.digest, id: image.id };
}

/** The image ID of what a tag names: the digest of its config. */
async function idOf(repository: Repository, tag: string): Promise<string> {
  const manifest = await repository.fetch(await repository.resolve(tag));
  const { config } = JSON.parse(Buffer.concat(await Array.fromAsync(manifest)).toString()) as {
    config: { digest: string };
  };
  return config.digest;
}

for (const name of ["podman", "buildah"] as const) {
  const program = Bun.which(name);
  if (program === null || process.getuid?.() !== 0)
    console.log(`skipped: ${name} is not installed, or not run by root`);
  test.skipIf(program === null || process.getuid?.() !== 0)(
    `${name} pulls, and pushes in both formats`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), `${name}-`));
      const [root, runroot] = [join(directory, "root"), join(directory, "run")];
      const call = async (...args: string[]) =>
        await run(program ?? "", "--root", root, "--runroot", runroot, "--storage-driver", "vfs", ...args);
      try {
        await using registry = await LocalRegistry.open();
        const { digest, id } = await pushed(repositoryAt(registry.host, "a"));
        const own = `${registry.host}/a:v1`;
        expect((await call("pull", "--quiet", "--tls-verify=false", own)).trim()).toBe(
          id.replace("sha256:", ""),
        );
        for (const format of ["oci", "v2s2"]) {
          await call("push", "--tls-verify=false", "--format", format, own, `${registry.host}/b:${format}`);
          const back = repositoryAt(registry.host, "b");
          expect(await validateImage(back, format)).toBe(5);
          if (format === "oci") expect((await back.resolve(format)).digest).toBe(digest as never);
        }
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
    60_000,
  );
}

test.skipIf(dockerd === null)(
  "docker 20.10 pulls from and pushes to Slipway's registry",
  async () => {
    await using registry = await LocalRegistry.open();
    const { id } = await pushed(repositoryAt(registry.host, "a"));
    await using docker = await DockerDaemon.open().catch((error: unknown) => {
      console.log(`skipped: ${String(error)}`);
      return undefined;
    });
    if (docker === undefined) return;
    await docker.run("pull", "--quiet", `${registry.host}/a:v1`);
    expect(
      (await docker.run("image", "inspect", "--format", "{{.Id}}", `${registry.host}/a:v1`)).trim(),
    ).toBe(id);
    await docker.run("tag", `${registry.host}/a:v1`, `${registry.host}/b:v2`);
    await docker.run("push", "--quiet", `${registry.host}/b:v2`);
    const back = repositoryAt(registry.host, "b");
    expect([await validateImage(back, "v2"), await idOf(back, "v2")]).toEqual([5, id]);
    // What it mounted or sent once, it does not send again.
    registry.requests.length = 0;
    await docker.run("push", "--quiet", `${registry.host}/b:v2`);
    expect(registry.asked("PATCH")).toEqual([]);
  },
  120_000,
);

async function signedIndex(host: string) {
  const source = new MemoryTarget();
  const platforms = ["amd64", "arm64"].map((architecture) => ({ os: "linux", architecture }));
  const images = await Promise.all(
    platforms.map(async (platform) => ({ platform, image: await randomImage(source.content, { platform }) })),
  );
  const index = await writeIndex(source.content, images);
  const repository = repositoryAt(host, "signed");
  await copy(source, index, repository, "v1");
  const config = { mediaType: mediaTypes.ociConfig, digest: digestOf("{}"), size: 2 };
  await repository.push(config, chunks(Buffer.from("{}")));
  const manifestOf = async (extra: object) => {
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      config,
      layers: [],
      ...extra,
    });
    const bytes = Buffer.from(text);
    const desc = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
    await repository.push(desc, chunks(bytes));
    return desc;
  };
  const signature = `${index.digest.replace(":", "-")}.sig`;
  await repository.tag(await manifestOf({ annotations: { kind: "signature" } }), signature);
  const sbom = await manifestOf({ subject: index, artifactType: "application/spdx+json" });
  return { repository, index, signature, sbom };
}

test.skipIf(dockerRegistry === null)(
  "an index of several platforms goes with signature and referrers to Docker's registry and back",
  async () => {
    await using ours = await LocalRegistry.open();
    await using docker = await DockerRegistry.open();
    const { repository, index, signature, sbom } = await signedIndex(ours.host);
    const there = repositoryAt(docker.host, "signed");
    const back = repositoryAt(ours.host, "back");
    for (const [from, to] of [
      [repository, there],
      [there, back],
    ] as const) {
      await copy(from, "v1", to, "v1");
      await copyReferrers(from, index, to, {});
      expect((await to.resolve("v1")).digest).toBe(index.digest);
      expect(await to.resolve(signature)).toEqual(await repository.resolve(signature));
      expect((await to.referrers(index.digest)).map(({ digest }) => digest)).toEqual([sbom.digest]);
    }
    expect(await validateImage(back, "v1")).toBe(await validateImage(repository, "v1"));
    const skopeo = Bun.which("skopeo");
    if (skopeo === null) return;
    const address = (host: string, name: string) => `docker://${host}/${name}:v1`;
    const flags = ["--insecure-policy", "copy", "--all", "--src-tls-verify=false", "--dest-tls-verify=false"];
    await run(skopeo, ...flags, address(docker.host, "signed"), address(ours.host, "skopeo"));
    expect((await repositoryAt(ours.host, "skopeo").resolve("v1")).digest).toBe(index.digest);
  },
  60_000,
);
