import { createHash } from "node:crypto";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { run, timed } from "../command.ts";
import type { Inputs } from "../inputs/inputs.ts";
import { mixedBytes } from "../inputs/random.ts";
import { findProgram } from "../peers/find-program.ts";
import type { Peer } from "../peers/peer.ts";
import type { RegistryServer } from "../peers/registry-server.ts";
import type { Probe, Scenario } from "../scenario.ts";

const area = "registry";
const gibibyte = 1 << 30;
const manifestType = "application/vnd.oci.image.manifest.v1+json";
const octets = "content-type: application/octet-stream";

/** Servers on the loopback, on the same disk, each started anew with an empty directory. */
export const registryScenarios: readonly Scenario[] = [
  {
    id: "registry-manifest",
    area,
    title: "1,000 manifests by GET on 32 connections",
    unit: "ms",
    rounds: 4,
    goal: { peer: "docker-registry", ratio: 1 / 5 },
    open: manifestProbe,
  },
  {
    id: "registry-push-blob",
    area,
    title: "push of a blob of 1 GiB",
    unit: "ms",
    rounds: 4,
    goal: { peer: "docker-registry", ratio: 1 },
    open: (peer, inputs) => blobProbe(peer, inputs, pushBlob),
  },
  {
    id: "registry-pull-blob",
    area,
    title: "pull of a blob of 1 GiB",
    unit: "ms",
    rounds: 4,
    goal: { peer: "docker-registry", ratio: 1 },
    open: (peer, inputs) => blobProbe(peer, inputs, pullBlob),
  },
  {
    id: "registry-push-100",
    area,
    title: "100 small images pushed at once",
    unit: "ms",
    rounds: 4,
    goal: { peer: "docker-registry", ratio: 1 / 3 },
    open: (peer, inputs) => served(peer, inputs, async ({ host }, round) => await pushMany(host, 100, round)),
  },
  {
    id: "registry-memory",
    area,
    title: "most memory during 100 pushes at once, a push and a pull of 1 GiB",
    unit: "MB",
    rounds: 2,
    warmUp: false,
    open: memoryProbe,
  },
];

/** A probe that has a server of its own for each sample. */
function served(
  { name, serveRegistry }: Peer,
  inputs: Inputs,
  sample: (server: RegistryServer, round: number) => Promise<number> | number,
): Probe | undefined {
  if (serveRegistry === undefined) return undefined;
  return {
    sample: async (round) => {
      const directory = inputs.scratch(`registry-${name}`);
      try {
        await using server = await serveRegistry(directory);
        return await sample(server, round);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

function manifestProbe(peer: Peer, inputs: Inputs): Probe | undefined {
  const wrk = findProgram("wrk");
  if (wrk === undefined) return undefined;
  return served(peer, inputs, async ({ host }) => {
    await pushImage(host, "bench/one", "manifest");
    const accept = `accept: ${manifestType}`;
    const argv = [wrk, "-t1", "-c32", "-d4s", "-H", accept, `http://${host}/v2/bench/one/manifests/latest`];
    const text = run({ argv });
    if (/Non-2xx/.test(text)) throw new Error(text);
    return 1e6 / Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
  });
}

function blobProbe(
  peer: Peer,
  inputs: Inputs,
  work: (host: string, blob: Blob, inputs: Inputs) => Promise<number>,
): Probe | undefined {
  if (peer.serveRegistry === undefined || findProgram("curl") === undefined) return undefined;
  const blob = makeBlob(inputs);
  return served(peer, inputs, async ({ host }) => await work(host, blob, inputs));
}

function memoryProbe(peer: Peer, inputs: Inputs): Probe | undefined {
  if (peer.serveRegistry === undefined || findProgram("curl") === undefined) return undefined;
  const blob = makeBlob(inputs);
  return served(peer, inputs, async (server, round) => {
    await pushMany(server.host, 100, round);
    await pullBlob(server.host, blob);
    return server.peakMemory();
  });
}

interface Blob {
  readonly path: string;
  readonly digest: string;
}

/** 1 GiB in a file, and its digest. */
function makeBlob(inputs: Inputs): Blob {
  const path = join(inputs.scratch("registry-blob"), "blob");
  const hash = createHash("sha256");
  const file = openSync(path, "w");
  for (let part = 0; part < gibibyte >> 26; part += 1) {
    const bytes = mixedBytes(part + 1, 1 << 26);
    hash.update(bytes);
    writeSync(file, bytes);
  }
  closeSync(file);
  return { path, digest: `sha256:${hash.digest("hex")}` };
}

async function pushBlob(host: string, { path, digest }: Blob): Promise<number> {
  const url = await uploadUrl(host, "bench/blob", digest);
  return timed({ argv: ["curl", "-sS", "--fail", "-T", path, "-H", octets, "-o", "/dev/null", url] });
}

async function pullBlob(host: string, blob: Blob): Promise<number> {
  await pushBlob(host, blob);
  const url = `http://${host}/v2/bench/blob/blobs/${blob.digest}`;
  return timed({ argv: ["curl", "-sS", "--fail", "-o", "/dev/null", url] });
}

async function pushMany(host: string, count: number, round: number): Promise<number> {
  const started = performance.now();
  const pushes = Array.from({ length: count }, async (_, at) => {
    await pushImage(host, `bench/small-${at}`, `${round}-${at}`);
  });
  await Promise.all(pushes);
  return performance.now() - started;
}

/** Two small layers and a configuration of their own, and a manifest with a tag. */
async function pushImage(host: string, repository: string, seed: string): Promise<void> {
  const contents = ["one", "two", "config"].map((part) => Buffer.from(`${part} of ${seed}\n`.repeat(100)));
  const [one, two, config] = await Promise.all(contents.map((bytes) => pushSmall(host, repository, bytes)));
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [one, two].map((layer) => ({ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer })),
  };
  await expectDone(
    await fetch(`http://${host}/v2/${repository}/manifests/latest`, {
      method: "PUT",
      headers: { "content-type": manifestType },
      body: JSON.stringify(manifest),
    }),
  );
}

async function pushSmall(
  host: string,
  repository: string,
  bytes: Buffer,
): Promise<{ digest: string; size: number }> {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  const headers = { "content-type": "application/octet-stream" };
  const url = await uploadUrl(host, repository, digest);
  await expectDone(await fetch(url, { method: "PUT", headers, body: new Uint8Array(bytes) }));
  return { digest, size: bytes.length };
}

async function uploadUrl(host: string, repository: string, digest: string): Promise<string> {
  const path = `http://${host}/v2/${repository}/blobs/uploads/`;
  const answer = await fetch(path, { method: "POST" });
  await expectDone(answer);
  const url = new URL(answer.headers.get("location") ?? "", path);
  url.searchParams.set("digest", digest);
  return url.href;
}

async function expectDone(answer: Response): Promise<void> {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status} ${text}`);
}
