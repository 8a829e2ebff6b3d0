import { expect, test } from "bun:test";
import { parseOutputs } from "./build-outputs.ts";

const parse = (words: string[], tags: string[] = [], push = false) => parseOutputs(words, { push, tags });

test("parseOutputs() reads every exporter", () => {
  expect(parse(["/out"])).toEqual([{ type: "local", dest: "/out" }]);
  expect(parse(["-"])).toEqual([{ type: "tar", dest: "-" }]);
  expect(parse(["type=oci,dest=/x.tar"])).toEqual([{ type: "oci", dest: "/x.tar" }]);
  expect(parse(["type=docker"])).toEqual([]);
  expect(parse(["type=image,name=a,push=true"])).toEqual([
    { type: "image", name: "docker.io/library/a:latest" },
    { type: "push", name: "docker.io/library/a:latest" },
  ]);
  expect(parse(["type=registry"], ["r:5000/t:1"])).toEqual([{ type: "push", name: "r:5000/t:1" }]);
  expect(parse([], ["t"], true)).toEqual([{ type: "push", name: "t" }]);
});

test("parseOutputs() refuses what it cannot do", () => {
  expect(() => parse(["type=local"])).toThrow("dest is required");
  expect(() => parse(["type=rocket,dest=x"])).toThrow('unsupported exporter type "rocket"');
  expect(() => parse(["type=image,compression=zstd"])).toThrow('the option "compression" is not supported');
  expect(() => parse(["-", "type=oci,dest=-"])).toThrow("only one output");
  expect(() => parse([], [], true)).toThrow("tag is needed");
});
