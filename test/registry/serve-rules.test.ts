import { createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { serveHttp } from "../../src/platform/http-server.ts";
import { chunks, randomBlob, repositoryAt } from "./blobs.ts";
import { LocalRegistry } from "./local-registry.ts";
import { ServeCommand } from "./serve-command.ts";

interface Heard {
  readonly action: string;
  readonly name: string;
  readonly actor: object;
}

/** Somebody who is told by webhooks, and believes only what is signed. */
async function openListener(secret: string) {
  const heard: Heard[] = [];
  const server = await serveHttp({
    listen: { host: "127.0.0.1", port: 0 },
    handler: async (request) => {
      const body = await request.text();
      const wanted = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
      if (request.headers.get("x-slipway-signature") !== wanted) return new Response(null, { status: 403 });
      const { events } = JSON.parse(body) as {
        events: { action: string; actor: object; target: { repository: string; tag?: string } }[];
      };
      for (const { action, actor, target } of events)
        heard.push({ action, name: `${target.repository}:${target.tag}`, actor });
      return new Response();
    },
  });
  return { heard, server };
}

test("registry serve: immutable tags, quotas and webhooks of its configuration file", async () => {
  const { heard, server: listener } = await openListener("s3cret");
  await using _listener = listener;
  await using server = await ServeCommand.open(async (directory) => {
    const config = `
listen: 127.0.0.1:0
storage: { filesystem: { root: data } }
repositories:
  - { repositories: "release/*", immutableTags: "v*" }
  - { repositories: "small/**", quota: 100KB }
webhooks:
  - { url: "${listener.url}/hook", secret: s3cret, actions: [push, delete] }
  - { url: "${listener.url}/pulls", secret: s3cret, actions: [pull] }
`;
    await writeFile(join(directory, "c.yaml"), config);
    return ["--config", join(directory, "c.yaml")];
  });
  const source = new MemoryTarget();
  const [first, second] = [await randomImage(source.content), await randomImage(source.content)];
  const release = repositoryAt(server.host, "release/app");
  await copy(source, first.descriptor, release, "v1");
  await copy(source, first.descriptor, release, "v1");
  const changed = copy(source, second.descriptor, release, "v1");
  await expect(changed).rejects.toThrow('tag "v1" is immutable');
  await expect(release.delete("v1")).rejects.toThrow('tag "v1" is immutable');
  await copy(source, second.descriptor, release, "latest");
  await release.delete("latest");
  const small = repositoryAt(server.host, "small/a/b");
  const { bytes, descriptor } = randomBlob(60_000);
  await small.push(descriptor, chunks(bytes));
  const more = randomBlob(60_000);
  await expect(small.push(more.descriptor, chunks(more.bytes))).rejects.toThrow(
    'denied: the quota of "small/a/b" is used up',
  );
  await repositoryAt(server.host, "large/a").push(more.descriptor, chunks(more.bytes));
  const manifest = await fetch(`${server.url}/v2/release/app/manifests/v1`);
  expect(manifest.status).toBe(200);
  // The end waits for what is still to be told.
  server.process.kill("SIGTERM");
  expect(await server.process.exited).toBe(0);
  const told = heard.map(({ action, name }) => `${action} ${name}`);
  for (const wanted of [
    "push release/app:v1",
    "push release/app:latest",
    "delete release/app:latest",
    "pull release/app:v1",
  ])
    expect(told).toContain(wanted);
  expect(told.filter((line) => line.includes("small/"))).toEqual([]);
}, 60_000);

test("of two pushes of one tag at once one is what it names, and both are whole", async () => {
  await using registry = await LocalRegistry.open();
  const source = new MemoryTarget();
  const images = await Promise.all(
    [1, 2, 3, 4].map(async () => await randomImage(source.content, { layers: 3 })),
  );
  await Promise.all(
    images.map(
      async ({ descriptor }) => await copy(source, descriptor, repositoryAt(registry.host, "a"), "v1"),
    ),
  );
  const repository = repositoryAt(registry.host, "a");
  const { digest } = await repository.resolve("v1");
  expect(images.map(({ descriptor }) => descriptor.digest)).toContain(digest);
  for (const { descriptor } of images) {
    const target = new MemoryTarget();
    expect((await copy(repository, descriptor, target, "v1")).digest).toBe(descriptor.digest);
  }
});
