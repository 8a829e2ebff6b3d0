import { expect, test } from "bun:test";
import { buildCorpus } from "./corpus/build-corpus.ts";
import { corpus } from "./corpus/cases.ts";

const share = new Set(["copy-directory", "workdir-variable"]);

/** The whole of it, and BuildKit, are in `npm run soak -- corpus`. */
test("some Dockerfiles of the corpus give what Buildah makes of them", async () => {
  const cases = corpus.filter(({ name }) => share.has(name));
  expect(cases.length).toBe(share.size);
  expect(await buildCorpus(cases, ["buildah"])).toEqual([]);
}, 120_000);
