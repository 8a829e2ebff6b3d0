import { afterAll, beforeAll, expect, test } from "bun:test";
import { digestOf } from "../../../src/oci/digest.ts";
import { mediaTypes } from "../../../src/oci/media-types.ts";
import { LocalRegistry } from "../local-registry.ts";
import { Content, withQuery, Wire, type Manifest } from "./wire.ts";

// Every kind of content of image-spec 1.1 goes in, is found by every way that distribution-spec 1.1 knows, and out again.

let registry: LocalRegistry;
let wire: Wire;
beforeAll(async () => {
  registry = await LocalRegistry.open();
  wire = new Wire(registry.host);
});
afterAll(async () => await registry[Symbol.asyncDispose]());

const type = "application/vnd.example.thing.v1";
const annotations = { "org.example.note": "hello" };
const nowhere = (mediaType: string) => ({
  mediaType,
  digest: digestOf(crypto.randomUUID()),
  size: 123_456,
  urls: ["https://store.example.com/blob"],
});

const kinds: Record<string, (content: Content) => void> = {
  "an image": (content) => void content.image({}, ["image"]),
  "an image with several tags": (content) => void content.image({}, ["one", "two", "Three"]),
  "an image without layers": (content) => void content.image({ layers: [] }, ["none"]),
  "an image of a manifest near 4 megabytes": (content) =>
    void content.image({ annotations: { long: "A".repeat(3_900_000) } }, ["large"]),
  "an image of layers that are kept elsewhere": (content) => {
    const layers = [
      nowhere("application/vnd.oci.image.layer.nondistributable.v1.tar"),
      nowhere("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"),
      nowhere("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
      content.blob(Buffer.from("a layer"), mediaTypes.ociLayer),
    ];
    content.image({ layers }, ["elsewhere"]);
  },
  "an image with data in its descriptors": (content) => {
    const config = content.blob(Buffer.from("{}"), mediaTypes.ociConfig);
    content.image({ config: { ...config, data: btoa("{}") } }, ["data"]);
  },
  "an image with fields nobody knows": (content) =>
    void content.image({ "org.example": { a: [1] } }, ["fields"]),
  "an index": (content) => void content.index([content.image(), content.image()], {}, ["index"]),
  "an index of indexes": (content) =>
    void content.index([content.index([content.image()]), content.index([content.image()])], {}, ["nested"]),
  "an empty index": (content) =>
    void content.index([], { annotations: { id: crypto.randomUUID() } }, ["empty"]),
  "an artifact": (content) => void content.artifact(type, {}, ["artifact"]),
  "an artifact whose layer is the empty object": (content) =>
    void content.artifact(type, { layers: [content.blob(Buffer.from("{}"), mediaTypes.ociEmpty)] }, ["bare"]),
  "an index of artifacts": (content) =>
    void content.index([content.artifact(type), content.artifact(type)], { artifactType: type }, [
      "artifacts",
    ]),
  "an image and what refers to it": (content) => {
    const subject = content.image({}, ["subject"]);
    content.image({ subject });
    content.artifact(type, { subject, annotations }, ["tagged-referrer"]);
    content.artifact("application/vnd.example.other", { subject });
    content.index([], { subject, annotations });
  },
  "an index and what refers to it": (content) => {
    const subject = content.index([content.image()], {}, ["subject"]);
    content.index([content.artifact(type)], { subject, artifactType: type, annotations });
  },
  "an artifact whose subject is missing": (content) => {
    const subject = { mediaType: mediaTypes.ociManifest, digest: digestOf(crypto.randomUUID()), size: 123 };
    content.artifact(type, { subject }, ["early"]);
  },
};

for (const algorithm of ["sha256", "sha512"] as const) {
  for (const [name, make] of Object.entries(kinds)) {
    test(`${name}, by ${algorithm}: pushed, listed, found, pulled, referred to, deleted`, async () => {
      const content = new Content(algorithm);
      make(content);
      const repository = `kinds/${crypto.randomUUID()}`;
      await push(repository, content);
      await expectTags(repository, content.manifests.flatMap(({ tags }) => tags).sort());
      for (const manifest of content.manifests)
        for (const reference of [manifest.digest, ...manifest.tags])
          await expectContent(
            `/v2/${repository}/manifests/${reference}`,
            manifest.digest,
            manifest.bytes,
            manifest.type,
          );
      for (const [digest, bytes] of content.blobs)
        await expectContent(`/v2/${repository}/blobs/${digest}`, digest, bytes);
      const subjects = new Set(content.manifests.flatMap(({ subject }) => subject ?? []));
      for (const subject of subjects)
        await expectReferrers(
          repository,
          subject,
          content.manifests.filter((one) => one.subject === subject),
        );
      await deleteAll(repository, content);
    });
  }
}

async function push(repository: string, content: Content): Promise<void> {
  for (const [digest, body] of content.blobs) {
    const answer = await wire.send("POST", `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body });
    expect([answer.status, answer.headers.get("docker-content-digest")]).toEqual([201, digest]);
  }
  for (const manifest of content.manifests) {
    const { digest, bytes: body, type: mediaType, tags, subject } = manifest;
    // A tag names the sha256 digest unless the push says another one.
    const several = content.algorithm === "sha512" || tags.length > 1;
    const path = `/v2/${repository}/manifests/${digest}`;
    const query = several ? tags.reduce((at, tag) => withQuery(at, "tag", tag), path) : path;
    for (const url of several
      ? [query]
      : [path, ...tags.map((tag) => `/v2/${repository}/manifests/${tag}`)]) {
      const answer = await wire.send("PUT", url, { body, headers: { "content-type": mediaType } });
      const { headers } = answer;
      expect([answer.status, headers.get("docker-content-digest")]).toEqual([201, digest]);
      expect(headers.get("oci-subject")).toBe(subject ?? null);
      expect(headers.get("oci-tag")).toBe(several && tags.length > 0 ? tags.join(", ") : null);
      await expectContent(headers.get("location") ?? "", digest, body, mediaType);
    }
  }
}

async function expectContent(
  path: string,
  digest: string,
  bytes: Uint8Array,
  mediaType?: string,
): Promise<void> {
  for (const method of ["HEAD", "GET"]) {
    const { status, headers, ...answer } = await answered(method, path);
    expect([status, headers.get("docker-content-digest"), headers.get("content-length")]).toEqual([
      200,
      digest,
      String(bytes.length),
    ]);
    if (mediaType !== undefined) expect(headers.get("content-type")).toBe(mediaType);
    expect(answer.body.equals(method === "GET" ? bytes : Buffer.alloc(0))).toBe(true);
  }
}

async function answered(method: string, path: string) {
  const accept = `${mediaTypes.ociManifest}, ${mediaTypes.ociIndex}`;
  const answer = await wire.send(method, path, { headers: { accept, "accept-encoding": "identity" } });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

async function expectTags(repository: string, tags: readonly string[]): Promise<void> {
  const list = async (query = "") =>
    ((await (await wire.send("GET", `/v2/${repository}/tags/list${query}`)).json()) as { tags: string[] })
      .tags;
  expect(await list()).toEqual([...tags]);
  const [first] = tags;
  if (first !== undefined) expect(await list(`?last=${first}`)).toEqual(tags.slice(1));
}

async function expectReferrers(repository: string, subject: string, all: readonly Manifest[]): Promise<void> {
  const list = async (query = "") => {
    const answer = await wire.send("GET", `/v2/${repository}/referrers/${subject}${query}`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, mediaTypes.ociIndex]);
    const { manifests, ...index } = (await answer.json()) as { manifests: Record<string, unknown>[] };
    expect(index).toEqual({ schemaVersion: 2, mediaType: mediaTypes.ociIndex } as never);
    return { manifests: manifests.map(sortable).sort(), filtered: answer.headers.get("oci-filters-applied") };
  };
  const entries = all.map(({ entry }) => entry);
  expect(await list()).toEqual({ manifests: entries.map(sortable).sort(), filtered: null });
  for (const wanted of new Set(entries.flatMap(({ artifactType }) => artifactType ?? []))) {
    const some = entries
      .filter(({ artifactType }) => artifactType === wanted)
      .map(sortable)
      .sort();
    const query = `?artifactType=${encodeURIComponent(String(wanted))}`;
    expect(await list(query)).toEqual({ manifests: some, filtered: "artifactType" });
  }
}

function sortable(entry: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function deleteAll(repository: string, content: Content): Promise<void> {
  const tags = content.manifests.flatMap((manifest) => manifest.tags);
  const manifests = content.manifests.toReversed().map(({ digest }) => digest);
  const paths = [...tags, ...manifests].map((reference) => `manifests/${reference}`);
  for (const path of [...paths, ...[...content.blobs.keys()].map((digest) => `blobs/${digest}`)]) {
    expect(await wire.status("DELETE", `/v2/${repository}/${path}`)).toBe(202);
    for (const method of ["HEAD", "GET"])
      expect(await wire.status(method, `/v2/${repository}/${path}`)).toBe(404);
  }
  for (const { subject } of content.manifests)
    if (subject !== undefined) await expectReferrers(repository, subject, []);
}
