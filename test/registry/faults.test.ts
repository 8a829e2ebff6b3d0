import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { chunks, collect, randomBlob, reader, repositoryAt } from "./blobs.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { LocalRegistry } from "./local-registry.ts";

const size = 12_000_000;

test("Repository.fetch() goes on at its byte when the connection is cut at every tenth", async () => {
  await using registry = await LocalRegistry.open();
  const { bytes, descriptor } = randomBlob(size);
  await repositoryAt(registry.host, "a").push(descriptor, chunks(bytes));
  await using proxy = await CuttingProxy.open(registry.port);
  const repository = repositoryAt(`127.0.0.1:${proxy.port}`, "a");
  await repository.exists(descriptor);
  registry.requests.length = 0;
  proxy.cutDown = Array.from({ length: 9 }, () => size / 10);
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  expect(proxy.cuts).toBe(9);
  const starts = registry.requests.map(({ headers }) => Number(/\d+/.exec(headers.get("range") ?? "0")?.[0]));
  expect(starts.toSorted((a, b) => a - b)).toEqual(starts);
  expect(new Set(starts).size).toBe(10);
});

test("Repository.push() goes on at its byte when the connection is cut again and again", async () => {
  await using registry = await LocalRegistry.open();
  await using proxy = await CuttingProxy.open(registry.port);
  const { bytes, descriptor } = randomBlob(size);
  const repository = repositoryAt(`127.0.0.1:${proxy.port}`, "a");
  expect(await repository.exists(descriptor)).toBe(false);
  proxy.cutUp = Array.from({ length: 9 }, () => size / 10);
  await repository.push(descriptor, chunks(bytes), { again: async (offset) => reader(bytes, offset) });
  expect(proxy.cuts).toBe(9);
  expect(registry.asked("POST")).toHaveLength(1);
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
});

test("Repository goes on after a stall, and gives up on a server that does nothing, with a clear word", async () => {
  await using registry = await LocalRegistry.open();
  const { bytes, descriptor } = randomBlob(4_000_000);
  await repositoryAt(registry.host, "a").push(descriptor, chunks(bytes));
  await using proxy = await CuttingProxy.open(registry.port);
  const host = `127.0.0.1:${proxy.port}`;
  const repository = repositoryAt(host, "a", { stallMs: 200, retry: { attempts: 2, baseMs: 1 } });
  await repository.exists(descriptor);
  proxy.stallDown = 1_000_000;
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  proxy.stallDown = 0;
  const stalled = repository.fetch(descriptor).then(collect);
  await expect(stalled).rejects.toMatchObject({ code: "deadline_exceeded" });
  await expect(stalled).rejects.toThrow(`${host} stalled: nothing moved for 0.2 s`);
});

test("Repository.fetch() stops at once when the signal aborts", async () => {
  await using registry = await LocalRegistry.open();
  const { bytes, descriptor } = randomBlob(4_000_000);
  const repository = repositoryAt(registry.host, "a");
  await repository.push(descriptor, chunks(bytes));
  const abort = new AbortController();
  const reader = await repository.fetch(descriptor, { signal: abort.signal });
  const reading = (async () => {
    for await (const _chunk of reader) abort.abort();
  })();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
});

test("Repository refuses bytes of another digest or length, and names the blob", async () => {
  const { bytes, descriptor } = randomBlob(100_000);
  const lies = [Buffer.from(bytes).fill(1, 5000, 5001), bytes.subarray(1), Buffer.concat([bytes, bytes])];
  for (const lie of lies) {
    await using registry = await LocalRegistry.open({
      before: ({ url }) => (url.includes("/blobs/") ? new Response(Uint8Array.from(lie)) : undefined),
    });
    const repository = repositoryAt(registry.host, "a", { retry: { attempts: 2, baseMs: 1 } });
    const reading = repository.fetch(descriptor).then(collect);
    await expect(reading).rejects.toThrow(/corrupt|closed the connection early|another range/);
  }
});

test("Repository refuses a manifest of another digest", async () => {
  await using registry = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content);
  await source.tag(image.descriptor, "local");
  await copy(source, "local", repositoryAt(registry.host, "a"), "v1");
  await using liar = await LocalRegistry.open({
    before: async (request, _registry) => {
      const url = new URL(request.url);
      const truth = await fetch(`http://${registry.host}${url.pathname}`, { method: request.method });
      if (request.method === "GET" && url.pathname.includes("/manifests/")) return new Response("{}");
      return truth;
    },
  });
  const repository = repositoryAt(liar.host, "a");
  const resolved = await repository.resolve("v1");
  await expect(repository.fetch(resolved)).rejects.toMatchObject({ code: "data_loss" });
});

test("Repository tries mirrors first, and falls back when they fail, lack or corrupt the image", async () => {
  await using upstream = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content);
  await source.tag(image.descriptor, "local");
  await copy(source, "local", repositoryAt(upstream.host, "a"), "v1");
  await using empty = await LocalRegistry.open();
  await using broken = await LocalRegistry.open({ before: () => new Response("no", { status: 503 }) });
  const mirrors = {
    [upstream.host]: ["http://127.0.0.1:1", `http://${empty.host}`, `http://${broken.host}`],
  };
  const target = new MemoryTarget();
  await copy(repositoryAt(upstream.host, "a", { mirrors }), "v1", target, "v1");
  expect(empty.asked().length).toBeGreaterThan(0);
  expect(broken.asked().length).toBeGreaterThan(0);
  expect(await target.resolve("v1")).toEqual(image.descriptor);
});

test("Repository needs the registry no more when a mirror has everything", async () => {
  await using mirror = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content);
  await source.tag(image.descriptor, "local");
  await copy(source, "local", repositoryAt(mirror.host, "library/nginx"), "latest");
  const mirrors = { "docker.io": [`http://${mirror.host}`] };
  const target = new MemoryTarget();
  await copy(repositoryAt("docker.io", "library/nginx", { mirrors }), "latest", target, "latest");
  expect(await target.resolve("latest")).toEqual(image.descriptor);
});

test("Repository never shows the registry's credentials to a mirror", async () => {
  const challenge = { "www-authenticate": "Basic realm=x" };
  await using mirror = await LocalRegistry.open({
    before: ({ headers }) =>
      headers.has("authorization") ? undefined : new Response(null, { status: 401, headers: challenge }),
  });
  await using registry = await LocalRegistry.open();
  const config = {
    mirrors: { [registry.host]: [`http://${mirror.host}`] },
    credentials: () => ({ username: "ann", password: "secret" }),
  };
  await expect(repositoryAt(registry.host, "a", config).resolve("v1")).rejects.toMatchObject({
    code: "not_found",
  });
  expect(mirror.asked().length).toBeGreaterThan(0);
  expect(mirror.requests.every(({ headers }) => !headers.has("authorization"))).toBe(true);
  const known = { ...config, mirrorCredentials: () => ({ username: "bob", password: "x" }) };
  await expect(repositoryAt(registry.host, "a", known).resolve("v1")).rejects.toMatchObject({
    code: "not_found",
  });
  expect(mirror.requests.some(({ headers }) => headers.has("authorization"))).toBe(true);
});

test("Repository follows a redirect of a blob without its credentials", async () => {
  const { bytes, descriptor } = randomBlob(50_000);
  await using storage = await LocalRegistry.open({ before: () => new Response(Uint8Array.from(bytes)) });
  await using registry = await LocalRegistry.open({
    before: ({ url, headers }) => {
      if (!headers.has("authorization"))
        return new Response(null, { status: 401, headers: { "www-authenticate": "Basic realm=x" } });
      if (!url.includes("/blobs/")) return undefined;
      return new Response(null, { status: 307, headers: { location: `http://${storage.host}/signed?x=1` } });
    },
  });
  const credentials = () => ({ username: "ann", password: "secret" });
  const repository = repositoryAt(registry.host, "a", { credentials });
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  expect(registry.requests.some(({ headers }) => headers.has("authorization"))).toBe(true);
  expect(storage.asked()).toEqual(["GET /signed?x=1"]);
  expect(storage.requests.every(({ headers }) => !headers.has("authorization"))).toBe(true);
});

test("Repository refuses redirects to other protocols and endless ones", async () => {
  const { descriptor } = randomBlob(10);
  for (const location of ["file:///etc/passwd", "ftp://x/y", "/v2/a/blobs/again", "http://["]) {
    await using registry = await LocalRegistry.open({
      before: ({ url }) => (url.includes("/blobs/") ? Response.redirect(location) : undefined),
    }).catch(() => LocalRegistry.open());
    await expect(repositoryAt(registry.host, "a").fetch(descriptor)).rejects.toMatchObject({
      name: "SlipwayError",
    });
  }
});

test("Repository waits as Retry-After says, and not longer than it was told to", async () => {
  let busy = 2;
  let after = "0";
  await using registry = await LocalRegistry.open({
    before: ({ url }) => {
      if (!url.includes("/tags/") || busy-- <= 0) return undefined;
      return new Response(null, { status: 429, headers: { "retry-after": after } });
    },
  });
  const repository = repositoryAt(registry.host, "a");
  await expect(repository.tags()).rejects.toThrow("repository name not known");
  expect(registry.asked("GET")).toHaveLength(3);
  busy = 1;
  after = "3600";
  await expect(repository.tags()).rejects.toThrow(/answered 429 Too Many Requests/);
});

test("Repository never asks for a token without TLS, but at loopback or where that is declared, nor at nonsense", async () => {
  for (const realm of [
    "http://auth.invalid/token",
    "ftp://x",
    "",
    "https://a:b@127.0.0.1/",
    "http://127.0.0.1.evil.invalid/",
  ]) {
    await using registry = await LocalRegistry.open({
      before: () =>
        new Response(null, {
          status: 401,
          headers: { "www-authenticate": `Bearer realm="${realm}",service="x"` },
        }),
    });
    const credentials = () => ({ username: "ann", password: "secret" });
    const repository = repositoryAt(registry.host, "a", { credentials });
    await expect(repository.resolve("v1")).rejects.toThrow("Refused the token realm");
  }
});

test("Repository trusts a CA bundle it is given", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tls-"));
  try {
    const { cert, key } = await selfSigned(directory);
    await using registry = await LocalRegistry.open({ tls: { cert, key } });
    const mirrors = { "docker.io": [`https://${registry.host}`] };
    const { bytes, descriptor } = randomBlob(1000);
    await repositoryAt(registry.host, "library/a").push(descriptor, chunks(bytes));
    const open = (caFile?: string) =>
      repositoryAt("docker.io", "library/a", {
        mirrors,
        proxy: { https: "http://127.0.0.1:1" },
        ...(caFile !== undefined && { caFile }),
      });
    const good = await open(join(directory, "cert.pem")).fetch(descriptor);
    expect((await collect(good)).equals(bytes)).toBe(true);
    await expect(open(join(directory, "missing.pem")).fetch(descriptor)).rejects.toThrow("missing.pem");
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("Repository goes through a proxy, but not to loopback", async () => {
  await using proxy = await LocalRegistry.open({
    before: ({ url }) =>
      new URL(url).host === "registry.invalid" ? Response.json({ name: "a", tags: ["proxied"] }) : undefined,
  });
  const config = {
    insecureRegistries: ["registry.invalid"],
    proxy: { http: `http://${proxy.host}`, https: "http://127.0.0.1:1" },
  };
  expect(await repositoryAt("registry.invalid", "a", config).tags()).toEqual(["proxied"]);
  await using direct = await LocalRegistry.open();
  await expect(repositoryAt(direct.host, "a", config).tags()).rejects.toThrow("repository name not known");
});

test("Repository.mount() falls back when the registry does not have the blob", async () => {
  await using registry = await LocalRegistry.open();
  const { descriptor } = randomBlob(10);
  expect(await repositoryAt(registry.host, "a").mount(descriptor, "b")).toBe(false);
  expect(registry.asked("DELETE")).toHaveLength(1);
  expect(digestOf("x")).toStartWith("sha256:");
});

async function selfSigned(directory: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(directory, "cert.pem"), join(directory, "key.pem")];
  const run = Bun.spawn(
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test -addext subjectAltName=IP:127.0.0.1 -keyout ${key} -out ${cert}`.split(
      " ",
    ),
    { stdout: "ignore", stderr: "ignore" },
  );
  expect(await run.exited).toBe(0);
  return { cert: await Bun.file(cert).text(), key: await Bun.file(key).text() };
}
