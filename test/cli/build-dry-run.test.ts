import { afterAll, beforeAll, expect, test } from "bun:test";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { LocalRegistry } from "../registry/local-registry.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
beforeAll(async () => {
  [lab, registry] = await Promise.all([Lab.open(), LocalRegistry.open()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([lab[Symbol.asyncDispose](), registry[Symbol.asyncDispose]()]);
}, 60_000);

const steps = [
  "FROM busybox AS make",
  "COPY a /a",
  "RUN head -c 3 /a > /b; sleep 0.3",
  "FROM busybox",
  "RUN echo first > /one",
  "COPY --from=make /b /b",
  "RUN cat /b > /c",
];

test("build --dry-run: what would run and why, how long it took, what a push would send; nothing is done", async () => {
  const context = lab.files({ Dockerfile: `${steps.join("\n")}\n`, a: "abc\n" });
  const name = `127.0.0.1:${registry.port}/dry:1`;
  const dry = (...more: string[]) => lab.out("build", "--dry-run", "--push", "-t", name, ...more, context);
  const before = await dry();
  expect(before).toMatch(/^RUN {3}\[make 3\/3\] RUN head .*\n {8}because no such step was built before$/m);
  expect(before).toMatch(/^MAYBE \[stage-1 3\/4\] COPY --from=make \/b \/b$/m);
  expect(before).toContain("5 of 6 steps would run, none of which ran before.\n");
  expect(await lab.out("images", "-q")).not.toContain("\n");
  expect(await lab.out("builds", "ls")).toContain("busybox");
  await lab.out("build", "-q", "--push", "-t", name, context);
  expect(await dry()).toContain("0 of 6 steps would run.\n");
  expect(await dry()).toMatch(/Would push to \S+\/dry:1: 0B in 0 of 5 layers, 5 are there\.$/);
  // The first bytes stay: the stage comes out the same, which only carrying it out can tell.
  appendFileSync(join(context, "a"), "more\n");
  const after = await dry();
  expect(after).toMatch(/^RUN {3}\[make 2\/3\] COPY a \/a .*\n {8}because a changed \(content\)$/m);
  expect(after).toMatch(/^RUN {3}\[make 3\/3\] RUN head .* \(\d+\.\d s last time\)$/m);
  expect(after).toMatch(/^HIT {3}\[stage-1 2\/4\] RUN echo first > \/one$/m);
  expect(after).toMatch(/^MAYBE \[stage-1 4\/4\] RUN cat/m);
  expect(after).toMatch(/3 are there, and 2 that the steps above make \(\d+B last time\)\.$/);
  const json = JSON.parse(await lab.out("build", "--call=dry-run,format=json", "--no-cache", context)) as {
    steps: { outcome: string; causes?: string[] }[];
  };
  expect(json.steps.filter(({ outcome }) => outcome === "run")).toHaveLength(5);
}, 60_000);

test("build --dry-run: a base that is elsewhere is not pulled, but its size is told", async () => {
  const base = `127.0.0.1:${registry.port}/base:1`;
  await lab.out("tag", "busybox", base);
  await lab.out("push", base);
  await lab.out("rmi", base);
  const context = lab.files({ Dockerfile: `FROM ${base}\nRUN true\n` });
  expect(await lab.out("build", "--dry-run", context)).toMatch(/Would pull \S+\/base:1: \d[\d.]+ ?[kM]B\.$/);
  expect(await lab.out("images", "-q", base)).toBe("");
}, 60_000);
