import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readBlob } from "../../src/content/read-blob.ts";
import { BuildHarness } from "./harness.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

test("annotations stand in the manifest, and change nothing else", async () => {
  const request = { context: { kind: "empty" }, dockerfile: { text: "FROM busybox\nRUN true\n" } } as const;
  const plain = await harness.build({ ...request, tags: ["plain"] });
  const annotations = { "org.example.note": "x" };
  const annotated = await harness.build({ ...request, tags: ["annotated"], annotations });
  expect(annotated.result.imageID).toBe(plain.result.imageID);
  const manifest = await harness.images.resolve("annotated");
  expect(annotated.events.at(-1)).toMatchObject({ type: "image", descriptor: { digest: manifest.digest } });
  const document = JSON.parse(Buffer.from(await readBlob(harness.images, manifest)).toString()) as object;
  expect(document).toMatchObject({ annotations });
});

test("annotations of entries stand in the index", async () => {
  const built = await harness.build({
    context: { kind: "empty" },
    dockerfile: { text: "FROM busybox\nRUN true\n" },
    tags: ["entries"],
    indexAnnotations: { a: "1" },
    descriptorAnnotations: { b: "2" },
  });
  expect(built.events.at(-1)).toMatchObject({
    descriptor: { mediaType: "application/vnd.oci.image.index.v1+json" },
  });
  const index = await harness.images.resolve("entries");
  const document = JSON.parse(Buffer.from(await readBlob(harness.images, index)).toString()) as object;
  expect(document).toMatchObject({ annotations: { a: "1" }, manifests: [{ annotations: { b: "2" } }] });
});
