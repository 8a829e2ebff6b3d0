import { expect, test } from "bun:test";
import type { BuildEvent } from "../build/builder.ts";
import { isCode } from "../errors.ts";
import type { Digest } from "../oci/digest.ts";
import { SlipwayError } from "../errors.ts";
import { buildFailureLine, buildLines } from "./build-lines.ts";
import { buildParameters } from "./build-parameters.ts";
import { Query } from "./query.ts";

const parameters = (text: string) => buildParameters(new Query(new URLSearchParams(text)), chunks());

async function* chunks(...parts: Uint8Array[]) {
  yield* parts;
}

test("buildParameters() reads every parameter the builder has", () => {
  const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));
  const request = parameters(
    `t=t1&t=r:5000/t2:v2&dockerfile=sub/D&buildargs=${json({ A: "1", B: null })}&labels=${json({ l: "m" })}` +
      "&target=st&nocache=1&pull=1&platform=linux/arm64&networkmode=host&extrahosts=a:1.2.3.4&extrahosts=b:1,c:2" +
      "&shmsize=67108864&rm=1&forcerm=1&version=1&cachefrom=[]&memory=0&ulimits=null",
  );
  expect(request).toMatchObject({
    tags: ["t1:latest", "r:5000/t2:v2"],
    dockerfile: { path: "sub/D" },
    buildArgs: { A: "1" },
    labels: { l: "m" },
    target: "st",
    noCache: true,
    pull: true,
    platforms: [{ os: "linux", architecture: "arm64" }],
    network: "host",
    extraHosts: ["a:1.2.3.4", "b:1", "c:2"],
    shmSize: 67108864,
  });
  expect(request.buildArgs).not.toHaveProperty("B");
});

test("buildParameters() reads limits, and refuses one that is incomplete", () => {
  const ulimits = '[{"Name":"nofile","Soft":1,"Hard":2}]';
  const { resources, ulimits: read } = parameters(`memory=9&cpuquota=5&cpushares=0&ulimits=${ulimits}`);
  expect(resources).toEqual({ memory: 9, cpuQuota: 5 });
  expect(read).toEqual([{ name: "nofile", soft: 1, hard: 2 }]);
  expect(() => parameters("ulimits=[{}]")).toThrow("ulimits");
});

test("buildParameters() takes an address for the context", () => {
  expect(parameters("remote=https://h.example/x.git").context).toEqual({
    kind: "remote",
    url: "https://h.example/x.git",
  });
});

test.each(["cgroupparent=/x", "version=2", "networkmode=container:x", "outputs=[1]"])(
  "buildParameters() refuses %s, which would change the result",
  (text) => {
    let thrown: unknown;
    try {
      parameters(text);
    } catch (error) {
      thrown = error;
    }
    expect(isCode(thrown, "not_implemented")).toBe(true);
  },
);

test("buildParameters() refuses malformed values", () => {
  for (const bad of [
    "t=UPPER",
    "labels={",
    "buildargs=[]",
    "platform=a/b/c/d",
    "shmsize=x",
    `t=a@sha256:${"a".repeat(64)}`,
  ]) {
    expect(() => parameters(bad)).toThrow();
  }
});

const image = `sha256:${"b".repeat(64)}` as Digest;
async function* events(): AsyncGenerator<BuildEvent> {
  const base = `sha256:${"c".repeat(64)}` as Digest;
  const texts = ["FROM busybox:1", "ENV a=b", "RUN a", "COPY b /"];
  const ids = [["a"], [], ["b"], ["c"]];
  const listed = texts.map((text, at) => ({ text, ids: ids[at] ?? [], ...(at === 0 && { base }) }));
  const early = listed.map(({ text }) => ({ text, ids: [] }));
  yield { type: "instructions", isWhole: false, instructions: early, unusedArgs: [] };
  yield { type: "progress", id: "i", text: "pulling" };
  yield { type: "instructions", isWhole: true, instructions: listed, unusedArgs: ["x", "y"] };
  yield { type: "vertex", id: "i", name: "[internal] load context" };
  yield { type: "vertex", id: "a", name: `[1/2] FROM docker.io/library/busybox:1@${image}` };
  yield { type: "started", id: "i", at: 0 };
  yield { type: "log", id: "c", stream: "stdout", data: "waits its turn\n" };
  yield { type: "completed", id: "c", at: 0, cached: false };
  yield { type: "completed", id: "a", at: 0, cached: true };
  yield { type: "started", id: "b", at: 0 };
  yield { type: "log", id: "b", stream: "stderr", data: "x\n" };
  yield { type: "warning", text: "careful", line: 2 };
  yield { type: "completed", id: "b", at: 0, cached: false };
  yield { type: "image", id: image };
}

test("buildLines() speaks as the classic builder", async () => {
  const lines: object[] = [];
  for await (const line of buildLines(events(), { tags: ["t:latest"], quiet: false })) lines.push(line);
  const arrow = { stream: expect.stringMatching(/^ ---> [0-9a-f]{12}\n$/) as string };
  expect(lines).toEqual([
    { stream: "Step 1/4 : FROM busybox:1" },
    { stream: "\n" },
    { status: "pulling" },
    { stream: " ---> cccccccccccc\n" },
    { stream: "Step 2/4 : ENV a=b" },
    { stream: "\n" },
    arrow,
    { stream: "Step 3/4 : RUN a" },
    { stream: "\n" },
    { stream: " ---> Running in b\n" },
    { stream: "x\n" },
    { stream: "[Warning] line 2: careful\n" },
    { stream: " ---> Removed intermediate container b\n" },
    arrow,
    { stream: "Step 4/4 : COPY b /" },
    { stream: "\n" },
    { stream: "waits its turn\n" },
    { stream: " ---> bbbbbbbbbbbb\n" },
    { stream: "[Warning] One or more build-args [x y] were not consumed\n" },
    { aux: { ID: image } },
    { stream: "Successfully built bbbbbbbbbbbb\n" },
    { stream: "Successfully tagged t:latest\n" },
  ]);
});

test("buildFailureLine() is Docker's for a process that failed, with its exit code", () => {
  const message =
    '[2/2] RUN "a" (Dockerfile:2): process "/bin/sh -c \\"a\\"" did not complete successfully: exit code: 3\n  > x';
  const words = `The command '/bin/sh -c "a"' returned a non-zero code: 3`;
  expect(buildFailureLine(new SlipwayError("invalid_argument", message))).toEqual({
    errorDetail: { code: 3, message: words },
    error: words,
    slipwayCode: "invalid_argument",
  });
  expect(buildFailureLine(new SlipwayError("not_found", "no file"))).toMatchObject({
    errorDetail: { message: "no file" },
  });
});

test("buildLines() says the ID alone when quiet", async () => {
  const lines: object[] = [];
  for await (const line of buildLines(events(), { tags: ["t:latest"], quiet: true })) lines.push(line);
  expect(lines).toEqual([{ aux: { ID: image } }, { stream: `${image}\n` }]);
});
