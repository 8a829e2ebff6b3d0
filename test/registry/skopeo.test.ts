import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { repositoryAt } from "./blobs.ts";
import { LocalRegistry, openHub } from "./local-registry.ts";

const skopeo = Bun.which("skopeo");
if (skopeo === null) console.log("skipped: skopeo is not installed");

async function run(...args: string[]): Promise<string> {
  const child = Bun.spawn([skopeo ?? "skopeo", ...args], { stdout: "pipe", stderr: "pipe" });
  const [output, errors, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`skopeo ${args.join(" ")}: ${errors}`);
  return output;
}

test.skipIf(skopeo === null)("skopeo pulls what Slipway pushed, and Slipway what skopeo pushed", async () => {
  const directory = await mkdtemp(join(tmpdir(), "skopeo-"));
  try {
    await using registry = await LocalRegistry.open();
    const source = new MemoryTarget();
    const image = await randomImage(source.content, { layers: 3, size: 400_000 });
    await source.tag(image.descriptor, "local");
    await copy(source, "local", repositoryAt(registry.host, "a"), "v1");
    const at = (name: string) => `docker://${registry.host}/${name}`;
    const layout = `oci:${directory}/layout:v1`;
    await run("--insecure-policy", "copy", "--src-tls-verify=false", at("a:v1"), layout);
    await run("--insecure-policy", "copy", "--dest-tls-verify=false", layout, at("b/c:v2"));
    const target = new MemoryTarget();
    const back = await copy(repositoryAt(registry.host, "b/c"), "v2", target, "v2");
    expect(back.digest).toBe(image.descriptor.digest);
    const tags = JSON.parse(await run("list-tags", "--tls-verify=false", at("b/c"))) as { Tags: string[] };
    expect(tags.Tags).toEqual(["v2"]);
    await run("delete", "--tls-verify=false", at("b/c:v2"));
    await expect(repositoryAt(registry.host, "b/c").resolve("v2")).rejects.toMatchObject({
      code: "not_found",
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test.skipIf(skopeo === null)("skopeo logs in and gets its tokens from the built-in issuer", async () => {
  const directory = await mkdtemp(join(tmpdir(), "skopeo-"));
  try {
    await using hub = await openHub();
    const source = new MemoryTarget();
    const image = await randomImage(source.content);
    await source.tag(image.descriptor, "local");
    const credentials = () => ({ username: "ann", password: "secret" });
    await copy(source, "local", repositoryAt(hub.host, "a", { credentials }), "v1");
    const from = `docker://${hub.host}/a:v1`;
    await run("--insecure-policy", "copy", "--src-tls-verify=false", from, `oci:${directory}/layout:v1`);
    const push = ["--insecure-policy", "copy", "--dest-tls-verify=false"];
    const to = [`oci:${directory}/layout:v1`, `docker://${hub.host}/b:v1`];
    await expect(run(...push, ...to)).rejects.toThrow("unauthorized");
    await run(...push, "--dest-creds", "ann:secret", ...to);
    expect((await repositoryAt(hub.host, "b").resolve("v1")).digest).toBe(image.descriptor.digest);
  } finally {
    await rm(directory, { recursive: true });
  }
});
