import { expect, test } from "bun:test";
import { buildCorpus } from "./build-corpus.ts";
import { corpus } from "./cases.ts";

test("every Dockerfile of the corpus gives what Buildah and BuildKit make of it", async () => {
  expect(await buildCorpus(corpus, ["buildah", "buildkit"])).toEqual([]);
});
