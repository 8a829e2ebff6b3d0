import { expect, test } from "bun:test";
import { parseOutputs } from "./build-outputs.ts";

const parse = (
  words: string[],
  { tags = [], push = false, load = false }: Partial<Parameters<typeof parseOutputs>[1]> = {},
) => parseOutputs(words, { push, load, tags });
const outputs = (...given: Parameters<typeof parse>) => [...parse(...given).outputs];

test("parseOutputs() reads every exporter", () => {
  expect(outputs(["/out"])).toEqual([{ type: "local", dest: "/out" }]);
  expect(outputs(["-"])).toEqual([{ type: "tar", dest: "-" }]);
  expect(outputs(["type=oci,dest=/x.tar"])).toEqual([{ type: "oci", dest: "/x.tar" }]);
  expect(outputs(["type=oci,dest=/x,tar=false,name=a"])).toEqual([
    { type: "oci", dest: "/x", names: ["docker.io/library/a:latest"], isDirectory: true },
  ]);
  expect(outputs(["type=docker"])).toEqual([{ type: "store" }]);
  expect(outputs(["type=image,name=a,push=true"])).toEqual([
    { type: "store" },
    { type: "push", name: "docker.io/library/a:latest" },
  ]);
  expect(parse(["type=image,name=a"]).names).toEqual(["docker.io/library/a:latest"]);
  expect(outputs(["type=registry"], { tags: ["r:5000/t:1"] })).toEqual([
    { type: "store" },
    { type: "push", name: "r:5000/t:1" },
  ]);
  expect(outputs([], { tags: ["t"], push: true })).toEqual([{ type: "push", name: "t" }]);
  const matrix = parse(["type=image,name=r/a,push-by-digest=true,name-canonical=true,push=true"]);
  expect(matrix.names).toEqual([]);
  expect(matrix.outputs).toEqual([
    { type: "store" },
    { type: "push", name: "docker.io/r/a:latest", byDigest: true },
  ]);
  expect(outputs(["type=cacheonly"])).toEqual([{ type: "cacheonly" }]);
});

test("parseOutputs() says whether the image stays, how it is compressed and annotated", () => {
  expect(parse([]).isKept).toBe(true);
  expect(parse(["/out", "type=cacheonly", "type=oci,dest=-"]).isKept).toBe(false);
  expect(parse(["/out"], { load: true }).isKept).toBe(true);
  expect(
    parse(["type=image,compression=zstd,annotation.A=1,annotation-index.b=2,oci-mediatypes=true"]),
  ).toMatchObject({ compression: "zstd", annotations: ["manifest:A=1", "index:b=2"], isKept: true });
});

test("parseOutputs() refuses what it cannot do", () => {
  expect(() => parse(["type=local"])).toThrow("dest is required");
  expect(() => parse(["type=rocket,dest=x"])).toThrow('unsupported exporter type "rocket"');
  expect(() => parse(["type=image,compression=estargz"])).toThrow('unsupported compression "estargz"');
  expect(() => parse(["type=image,push-by-digest=true"])).toThrow("push-by-digest needs push=true");
  expect(() => parse(["type=image,name-canonical=true"])).toThrow("name-canonical=true is not supported");
  expect(() => parse(["type=image,rewrite-timestamp=false"])).toThrow("rewrite-timestamp=false is not");
  expect(() => parse(["type=image,compression-level=3"])).toThrow('"compression-level" is not supported');
  expect(() => parse(["type=image,oci-mediatypes=false"])).toThrow("oci-mediatypes=false is not supported");
  expect(() => parse(["type=image,compression=zstd", "type=oci,dest=-,compression=gzip"])).toThrow(
    "same compression",
  );
  expect(() => parse(["type=local,dest=x,compression=gzip"])).toThrow("neither compression nor");
  expect(() => parse(["-", "type=oci,dest=-"])).toThrow("only one output");
  expect(() => parse([], { push: true })).toThrow("tag is needed");
});
