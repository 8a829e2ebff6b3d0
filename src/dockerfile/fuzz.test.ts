import { expect, test } from "bun:test";
import { DockerfileFuzz } from "../../test/fuzz/fuzz-dockerfile.ts";

const inputs = 2000;

test("2,000 mutated Dockerfiles, words, .dockerignore files and git references are read, or refused as they should be", () => {
  const fuzz = new DockerfileFuzz();
  const complaints = Array.from({ length: inputs }, (_, index) => fuzz.run(index)).filter(
    (complaint) => complaint !== undefined,
  );
  expect(complaints).toEqual([]);
});
