import { afterAll, beforeAll, expect, test } from "bun:test";
import { digestOf, type Digest } from "../../../src/oci/digest.ts";
import { LocalRegistry } from "../local-registry.ts";
import { streamed, withQuery, Wire, type Algorithm } from "./wire.ts";

// distribution-spec 1.1, "Pushing blobs" and "Pulling blobs", each way for each digest algorithm, over the wire.

let registry: LocalRegistry;
let wire: Wire;
beforeAll(async () => {
  registry = await LocalRegistry.open();
  wire = new Wire(registry.host);
});
afterAll(async () => await registry[Symbol.asyncDispose]());

const binary = { "content-type": "application/octet-stream" };
const chunk = 1024;

async function start(repository: string, query = ""): Promise<string> {
  const answer = await wire.send("POST", `/v2/${repository}/blobs/uploads/${query}`);
  expect(answer.status).toBe(202);
  return answer.headers.get("location") ?? "";
}

async function expectStored(answer: Response, digest: Digest, bytes: Uint8Array): Promise<void> {
  expect([answer.status, answer.headers.get("docker-content-digest")]).toEqual([201, digest]);
  const pulled = await wire.send("GET", answer.headers.get("location") ?? "");
  expect([pulled.status, pulled.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
  expect(Buffer.from(await pulled.arrayBuffer()).equals(bytes)).toBe(true);
}

async function patch(location: string, bytes: Uint8Array, at: number, method = "PATCH"): Promise<Response> {
  const range = `${at}-${at + bytes.length - 1}`;
  return await wire.send(method, location, { body: bytes, headers: { ...binary, "content-range": range } });
}

/** The ways a blob may be pushed: each answers as its last request is answered. */
const ways: Record<string, (repository: string, bytes: Uint8Array, digest: Digest) => Promise<Response>> = {
  "POST alone": async (repository, body, digest) =>
    await wire.send("POST", `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body, headers: binary }),
  "POST then PUT": async (repository, body, digest) =>
    await wire.send("PUT", withQuery(await start(repository), "digest", digest), { body, headers: binary }),
  "POST then PUT without a length": async (repository, bytes, digest) => {
    const location = withQuery(await start(repository), "digest", digest);
    return await wire.send("PUT", location, { body: streamed(bytes), headers: binary });
  },
  "a stream": async (repository, bytes, digest) => {
    const location = await start(repository);
    const sent = await wire.send("PATCH", location, { body: streamed(bytes), headers: binary });
    expect([sent.status, sent.headers.get("range")]).toEqual([202, `0-${bytes.length - 1}`]);
    return await wire.send("PUT", withQuery(sent.headers.get("location"), "digest", digest));
  },
  chunks: async (repository, bytes, digest) => await inChunks(repository, bytes, digest, {}),
  "chunks, the last by PUT": async (repository, bytes, digest) =>
    await inChunks(repository, bytes, digest, { putLast: true }),
  "chunks, tried out of order": async (repository, bytes, digest) =>
    await inChunks(repository, bytes, digest, { disorder: true }),
  "chunks, tried out of order, the last by PUT": async (repository, bytes, digest) =>
    await inChunks(repository, bytes, digest, { disorder: true, putLast: true }),
};

async function inChunks(
  repository: string,
  bytes: Uint8Array,
  digest: Digest,
  { putLast = false, disorder = false },
): Promise<Response> {
  let location = await start(repository);
  for (let at = 0; at < bytes.length; at += chunk) {
    const part = bytes.subarray(at, at + chunk);
    if (disorder) location = await expectDisorderRefused(location, bytes, at, digest);
    if (putLast && at + chunk >= bytes.length)
      return await patch(withQuery(location, "digest", digest), part, at, "PUT");
    const answer = await patch(location, part, at);
    expect([answer.status, answer.headers.get("range")]).toEqual([202, `0-${at + part.length - 1}`]);
    location = answer.headers.get("location") ?? "";
  }
  return await wire.send("PUT", withQuery(location, "digest", digest));
}

/** "the registry MUST respond with 416", and GET tells where to go on. */
async function expectDisorderRefused(
  location: string,
  bytes: Uint8Array,
  at: number,
  digest: Digest,
): Promise<string> {
  const wrong = at + chunk < bytes.length ? at + chunk : 0;
  const part = bytes.subarray(wrong, wrong + chunk);
  expect((await patch(location, part, wrong)).status).toBe(416);
  expect((await patch(withQuery(location, "digest", digest), part, wrong, "PUT")).status).toBe(416);
  const { status, headers } = await wire.send("GET", location);
  expect([status, headers.get("range")]).toEqual([204, `0-${Math.max(0, at - 1)}`]);
  return headers.get("location") ?? "";
}

function random(algorithm: Algorithm, size = 3 * chunk - 5): { bytes: Uint8Array; digest: Digest } {
  const bytes = crypto.getRandomValues(new Uint8Array(size));
  return { bytes, digest: digestOf(bytes, algorithm) };
}

for (const algorithm of ["sha256", "sha512"] as const) {
  for (const [way, pushBlob] of Object.entries(ways)) {
    test(`a blob of ${algorithm} by ${way}: MUST be 201 and there, or 400 with another digest`, async () => {
      const { bytes, digest } = random(algorithm);
      await expectStored(await pushBlob("ways/a", bytes, digest), digest, bytes);
      const other = random(algorithm).digest;
      expect((await pushBlob("ways/a", bytes, other)).status).toBe(400);
      expect(await wire.status("HEAD", `/v2/ways/a/blobs/${other}`)).toBe(404);
      expect(await wire.status("DELETE", `/v2/ways/a/blobs/${digest}`)).toBe(202);
      expect(await wire.status("HEAD", `/v2/ways/a/blobs/${digest}`)).toBe(404);
    });
  }

  test(`blobs of ${algorithm} are mounted: with "from" and without, or an upload begins`, async () => {
    const { bytes, digest } = random(algorithm);
    const post = async (query: string) =>
      await wire.send("POST", `/v2/mount/b/blobs/uploads/?mount=${digest}${query}`);
    const missing = await post("&from=mount/a");
    expect(missing.status).toBe(202);
    const ended = await wire.send("PUT", withQuery(missing.headers.get("location"), "digest", digest), {
      body: bytes,
    });
    await expectStored(ended, digest, bytes);
    expect(await wire.status("DELETE", `/v2/mount/b/blobs/${digest}`)).toBe(202);
    await ways["POST alone"]?.("mount/a", bytes, digest);
    for (const query of ["&from=mount/a", ""]) {
      await expectStored(await post(query), digest, bytes);
      expect(await wire.status("DELETE", `/v2/mount/b/blobs/${digest}`)).toBe(202);
    }
  });

  test(`blobs of ${algorithm} that are empty, or the empty object, are as any other`, async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("{}")]) {
      const digest = digestOf(bytes, algorithm);
      for (const way of ["POST alone", "POST then PUT"]) {
        await expectStored(await ways[way]!("small/a", bytes, digest), digest, bytes);
        const head = await wire.send("HEAD", `/v2/small/a/blobs/${digest}`);
        expect([head.status, head.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
        expect(await wire.status("DELETE", `/v2/small/a/blobs/${digest}`)).toBe(202);
      }
    }
  });

  test(`ranges of a blob of ${algorithm}: SHOULD be as RFC 9110 has them`, async () => {
    const { bytes, digest } = random(algorithm, 2048);
    await ways["POST alone"]?.("ranges", bytes, digest);
    const cases: [string, number, number][] = [
      ["500-1499", 500, 1500],
      ["500-", 500, 2048],
      ["-500", 1548, 2048],
      ["2000-5000", 2000, 2048],
    ];
    for (const [range, from, to] of cases) {
      const answer = await wire.send("GET", `/v2/ranges/blobs/${digest}`, {
        headers: { range: `bytes=${range}` },
      });
      const { status, headers } = answer;
      expect([status, headers.get("content-range"), headers.get("content-length")]).toEqual([
        206,
        `bytes ${from}-${to - 1}/2048`,
        String(to - from),
      ]);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes.subarray(from, to))).toBe(true);
    }
    for (const range of ["500-0", "5000-10000"]) {
      const answer = await wire.send("GET", `/v2/ranges/blobs/${digest}`, {
        headers: { range: `bytes=${range}` },
      });
      expect([range, answer.status]).toEqual([range, 416]);
    }
  });
}

test("an upload that is cancelled SHOULD be answered 204 and is gone", async () => {
  const location = await start("cancel/a");
  expect((await wire.send("PATCH", location, { body: Buffer.from("half"), headers: binary })).status).toBe(
    202,
  );
  expect(await wire.status("DELETE", location)).toBe(204);
  for (const method of ["GET", "DELETE"]) expect(await wire.status(method, location)).toBe(404);
  expect((await wire.send("PATCH", location, { body: Buffer.from("x") })).status).toBe(404);
});
