import { expect, test } from "bun:test";
import { copy } from "../../src/image/copy.ts";
import { copyAndUnpack } from "../../src/image/copy-and-unpack.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage, writeIndex } from "../../src/image/testing/random-image.ts";
import { tempImageParts } from "../../src/image/testing/temp-image-parts.ts";
import { validateImage } from "../../src/image/testing/validate-image.ts";
import { hostPlatform } from "../../src/oci/platform.ts";
import { LocalRegistry } from "./local-registry.ts";
import { repositoryAt } from "./blobs.ts";

// What Docker Hub's documents say of it, all at once: a token server with parameters of its own in its address, beside a
// challenge that nobody can meet; limits on pulls; blobs that another host serves, and refuses who shows it a token.

const repository = "library/app";
const attestation = { os: "unknown", architecture: "unknown" };
const json = { "content-type": "application/json" };

/** A token server, a store of blobs, and a registry that sends to both. */
async function openHub() {
  let isOpen = true;
  let refusals = 1;
  const tokens = await LocalRegistry.open({
    before: ({ headers }) =>
      headers.has("authorization")
        ? new Response(null, { status: 401 })
        : new Response(JSON.stringify({ token: "t1", access_token: "t1", expires_in: 300 }), {
            headers: json,
          }),
  });
  const answers: { readonly handle: (path: string) => Promise<Response> }[] = [];
  const blobs = await LocalRegistry.open({
    before: async ({ url, headers }) => {
      if (headers.has("authorization")) return new Response("two ways in", { status: 400 });
      return await answers[0]?.handle(new URL(url).searchParams.get("path") ?? "");
    },
  });
  const realm = `http://${tokens.host}/token?client=docker&kind=pull`;
  const hub = await LocalRegistry.open({
    before: ({ method, url, headers }, registry) => {
      answers[0] ??= { handle: async (path) => await registry(new Request(new URL(path, url).href)) };
      if (isOpen) return undefined;
      const scope = `repository:${repository}:pull`;
      const challenge = `Negotiate, Bearer realm="${realm}",service="registry.docker.io",scope="${scope}"`;
      if (headers.get("authorization") !== "Bearer t1")
        return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
      const { pathname } = new URL(url);
      if (pathname.includes("/manifests/") && refusals > 0) {
        refusals -= 1;
        const errors = [{ code: "TOOMANYREQUESTS", message: "You have reached your pull rate limit" }];
        return new Response(JSON.stringify({ errors }), {
          status: 429,
          headers: { "retry-after": "0", ...json },
        });
      }
      if (method !== "GET" || !pathname.includes("/blobs/")) return undefined;
      const location = `http://${blobs.host}/signed?path=${encodeURIComponent(pathname)}`;
      return new Response(null, { status: 307, headers: { location, "ratelimit-remaining": "99;w=21600" } });
    },
  });
  const end = async () => {
    for (const one of [hub, blobs, tokens]) await one[Symbol.asyncDispose]();
  };
  return { hub, tokens, blobs, close: () => void (isOpen = false), [Symbol.asyncDispose]: end };
}

test("an image is pulled as Docker Hub serves it: challenges, tokens, limits, redirects, attestations", async () => {
  await using dialect = await openHub();
  const { hub, tokens, blobs } = dialect;
  const source = new MemoryTarget();
  const image = await randomImage(source.content);
  const index = await writeIndex(source.content, [
    { image: await randomImage(source.content, { layers: 1 }), platform: attestation },
    { image, platform: hostPlatform() },
  ]);
  await source.tag(index, "latest");
  await copy(source, "latest", repositoryAt(hub.host, repository), "latest");
  hub.requests.length = 0;
  dialect.close();
  await using t = await tempImageParts();
  using lease = t.leases.create("pull");
  const pulled = await copyAndUnpack(repositoryAt(hub.host, repository), "latest", t, "app", { lease });
  expect(pulled.id).toBe(image.id);
  expect(await validateImage(t.images, "app")).toBe(4);
  const scope = encodeURIComponent(`repository:${repository}:pull`);
  expect(tokens.asked()).toEqual([
    `GET /token?client=docker&kind=pull&service=registry.docker.io&scope=${scope}`,
  ]);
  expect(blobs.requests.map(({ method }) => method)).toEqual(["GET", "GET", "GET"]);
  // What Docker Hub counts: one GET for the index and one for the image, each once more for the refusal at most.
  expect(hub.asked("GET").filter((line) => line.includes("/manifests/")).length).toBeLessThanOrEqual(3);
});
