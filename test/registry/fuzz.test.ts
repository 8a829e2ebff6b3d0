import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { serveRegistry } from "../../src/registry/server/serve-registry.ts";
import { blobOf, chunks, collect, repositoryAt } from "./blobs.ts";

const rounds = 10_000;

test("10,000 malformed requests neither crash the registry, nor hang it, nor leave its root", async () => {
  const directory = await mkdtemp(join(tmpdir(), "registry-"));
  const failures: unknown[] = [];
  const root = join(directory, "root");
  const server = await serveRegistry({
    listen: "127.0.0.1:0",
    root,
    onError: (error) => failures.push(error),
  });
  try {
    const host = `127.0.0.1:${server.port}`;
    const good = blobOf(Buffer.from("good"));
    const repository = repositoryAt(host, "a");
    await repository.push(good.descriptor, chunks(good.bytes));
    const random = generator(20261123);
    for (let done = 0; done < rounds; done += 100) await sendAll(server.port ?? 0, requests(random, 100));
    expect(failures).toEqual([]);
    expect((await collect(await repository.fetch(good.descriptor))).toString()).toBe("good");
    expect(await readdir(directory)).toEqual(["root"]);
    expect((await readdir(root)).filter((name) => !["blobs", "repositories", "tmp"].includes(name))).toEqual(
      [],
    );
  } finally {
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  }
}, 60_000);

const methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "BREW", "get", ""];
const names = [
  "a",
  "a/b",
  "..",
  "a/..",
  "../../etc",
  "%2e%2e",
  "a%2f..%2fb",
  "A",
  "_",
  "a//b",
  "%00",
  "%ff",
  "ü",
  "a".repeat(300),
];
const ends = [
  "tags/list",
  "tags/list?n=x&last=%00",
  "blobs/uploads/",
  "blobs/uploads/../../x",
  "blobs/uploads/00000000-0000-0000-0000-000000000000",
  "blobs/uploads/?mount=sha256:x&from=../..",
  "blobs/uploads/?digest=sha512:../../../x",
  `blobs/sha256:${"0".repeat(64)}`,
  "blobs/sha256:..%2f..%2fpasswd",
  "manifests/latest",
  "manifests/..",
  "manifests/sha256:x",
  "manifests/.%2e%2fx",
  `referrers/sha256:${"f".repeat(64)}?artifactType=%`,
  "referrers/x",
  "_catalog?n=99999999999",
  "",
];
const headers = [
  "Range: bytes=-",
  "Range: bytes=99999999999999999999-",
  "Range: bytes=5-1,x",
  "Content-Range: x",
  "Content-Range: 99999999999999999999-1",
  "Content-Range: bytes 0-3/4",
  "Content-Type: application/vnd.oci.image.manifest.v1+json",
  "Content-Type: ;;;",
  'If-None-Match: """,,,*',
  "Authorization: Basic ====",
  "Authorization: Bearer a.b.c",
  "X: \u0001",
];
const bodies = [
  "",
  "{",
  "null",
  "[]",
  `{"config":{},"layers":[{}]}`,
  `{"manifests":1}`,
  `{"subject":{"digest":7}}`,
  "\u0000".repeat(50),
];

function* requests(random: () => number, count: number): Iterable<string> {
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? "";
  for (let n = 0; n < count; n += 1) {
    const body = pick(bodies);
    const lines = [
      `${pick(methods)} /v2/${pick(names)}/${pick(ends)} HTTP/1.1`,
      "Host: x",
      "Connection: close",
    ];
    if (random() < 0.8) lines.push(pick(headers));
    if (random() < 0.8) lines.push(`Content-Length: ${random() < 0.9 ? body.length : "-1"}`);
    yield `${lines.join("\r\n")}\r\n\r\n${body}`;
  }
}

/** Sends each on a connection of its own, and waits until every one is answered or closed. */
async function sendAll(port: number, all: Iterable<string>): Promise<void> {
  await Promise.all(
    Array.from(all, async (text) => {
      const socket = connect(port, "127.0.0.1");
      const closed = new Promise<void>((resolve, reject) => {
        socket.setTimeout(5000, () => {
          socket.destroy();
          reject(new Error(`no answer to ${JSON.stringify(text.slice(0, 300))}`));
        });
        socket.on("error", () => resolve()).on("close", () => resolve());
      });
      socket.on("data", () => undefined);
      socket.end(text);
      await closed;
    }),
  );
}

/** The same numbers in each run (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
