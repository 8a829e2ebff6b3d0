import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listenHttp } from "./listen.ts";
import type { HttpReply, HttpRequest } from "./message.ts";

const seeds = [
  "GET /v1.50/containers/json?all=1 HTTP/1.1\r\nHost: docker\r\nUser-Agent: x\r\n\r\n",
  "POST /a HTTP/1.1\r\nHost: e\r\nContent-Length: 5\r\n\r\nhello",
  "POST /a HTTP/1.1\r\nHost: e\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "POST /hijack HTTP/1.1\r\nHost: e\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}rest",
  "HEAD /_ping HTTP/1.0\r\nExpect: 100-continue\r\n\r\n",
];
const splices = [
  "\r\n",
  "\n",
  "\0",
  ":",
  " ",
  "Content-Length: 9\r\n",
  "Transfer-Encoding: chunked\r\n",
  "ffffffff",
  "\r\n\r\n",
  "%",
  "é",
];

/** A generator that gives the same numbers each run (mulberry32), so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

function mutate(pick: (below: number) => number): Buffer {
  let bytes = Buffer.from(seeds[pick(seeds.length)] ?? "");
  for (let times = 1 + pick(4); times > 0; times--) {
    const at = pick(bytes.length + 1);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const kind = pick(4);
    if (kind === 0) bytes = Buffer.concat([before, after.subarray(1 + pick(8))]);
    else if (kind === 1)
      bytes = Buffer.concat([before, Buffer.from(splices[pick(splices.length)] ?? ""), after]);
    else if (kind === 2) bytes = Buffer.concat([before, Buffer.from([pick(256)]), after.subarray(1)]);
    else bytes = Buffer.concat([before, before.subarray(Math.max(0, at - 20)), after]);
  }
  return bytes;
}

async function handler(request: HttpRequest): Promise<HttpReply> {
  if (request.path.startsWith("/hijack")) {
    return {
      kind: "hijack",
      contentType: "x/y",
      run: async ({ input, write }) => {
        for await (const chunk of input) await write(chunk);
      },
    };
  }
  try {
    for await (const _chunk of request.body);
  } catch {
    return { kind: "response", status: 400, body: "bad body" };
  }
  return { kind: "response", status: 200, body: "ok" };
}

/** Sends the bytes, ends, and resolves when the server ended too. */
async function exchange(path: string, bytes: Buffer): Promise<string> {
  return await new Promise((resolve) => {
    const client = connect({ path, allowHalfOpen: true });
    let text = "";
    const timer = setTimeout(() => (client.destroy(), resolve("HUNG")), 5000);
    client.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
    client.on("error", () => {});
    client.on("end", () => client.destroy());
    client.on("close", () => (clearTimeout(timer), resolve(text)));
    client.end(bytes);
  });
}

test("server survives 2,000 mutated requests and random bytes without a hang", async () => {
  const directory = await mkdtemp(join(tmpdir(), "slipway-fuzz-"));
  const path = join(directory, "s.sock");
  const pick = random(20);
  try {
    await using _server = await listenHttp({ address: { path }, handler, headTimeoutMs: 1000 });
    const odd: string[] = [];
    for (let round = 0; round < 100; round++) {
      const inputs = Array.from({ length: 20 }, (_, index) =>
        index % 5 === 0 ? Buffer.from(Array.from({ length: pick(300) }, () => pick(256))) : mutate(pick),
      );
      const answers = await Promise.all(inputs.map((bytes) => exchange(path, bytes)));
      answers.forEach((text, index) => {
        if (text !== "" && !/^HTTP\/1\.1 (100|101|200|400|431)/.test(text))
          odd.push(`${inputs[index]} → ${text}`);
      });
    }
    expect(odd).toEqual([]);
    expect(await exchange(path, Buffer.from(seeds[1] ?? ""))).toEndWith("ok");
  } finally {
    await rm(directory, { recursive: true });
  }
}, 20_000);
