import { afterAll, beforeAll, expect, test } from "bun:test";
import { Lab } from "./lab.ts";
import { until } from "../until.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
}, 60_000);
afterAll(() => lab[Symbol.asyncDispose](), 60_000);

const steps = [
  "FROM busybox AS base",
  "ENV FROM_ENV=1",
  "RUN mkdir -p /etc && mkdir -m 1777 /tmp && echo 'app:x:1000:1000::/:/bin/sh' > /etc/passwd",
  "FROM base",
  "ARG GIVEN=arg",
  "WORKDIR /work",
  "COPY a /work/",
  "USER app",
  "RUN --mount=type=secret,id=token,env=TOKEN --mount=type=secret,id=token,mode=0444 " +
    "--mount=type=bind,source=a,target=/mnt/a --mount=type=cache,target=/cache,mode=0777 --mount=type=tmpfs,target=/mem " +
    "echo half > /tmp/half; exit 3",
];

const context = () => lab.files({ Dockerfile: `${steps.join("\n")}\n`, a: "content\n" });
const asked = ["build", "--debug-shell", "--secret", "id=token,env=MY_TOKEN", "-t", "never"];

test("build --debug-shell: the failed step's files, environment, user, directory and mounts", async () => {
  lab.env["MY_TOKEN"] = "it's hidden";
  const look =
    'cat /tmp/half; pwd; id -un; echo $FROM_ENV $GIVEN "$TOKEN"; cat /run/secrets/token; echo; cat /mnt/a; ' +
    "touch /cache/x /mem/y && echo both; exit 9\n";
  const { code, stdout, stderr } = await lab.run([...asked, context()], look);
  expect(stdout).toBe("half\n/work\napp\n1 arg it's hidden\nit's hidden\ncontent\nboth\n");
  expect(code).toBe(1);
  expect(stderr).toMatch(/^\[stage-1 3\/3\] failed: process .* exit code: 3$/m);
  expect(stderr).toMatch(/^ERROR: failed to build: failed to solve: process .* exit code: 3$/m);
  expect(await lab.out("ps", "-aq")).toBe("");
  expect(await lab.out("images", "-q", "--filter", "dangling=true")).toBe("");
  expect(await lab.out("builds", "ls")).toContain("failed");
}, 60_000);

test("build --debug-shell on a terminal is a shell with one; a build that is cancelled in it leaves nothing", async () => {
  await using terminal = lab.terminal([...asked, context()]);
  await terminal.expect(/End it to go on/, 60_000);
  terminal.type("tty; exit\n");
  await terminal.expect(/\/dev\/pts\/0/, 60_000);
  await terminal.expect(/failed to solve: .*exit code: 3/, 60_000);
  expect(await terminal.exited).toBe(1);
  await using other = lab.terminal([...asked, context()]);
  await other.expect(/End it to go on/, 60_000);
  await other[Symbol.asyncDispose]();
  await until(async () => (await lab.out("ps", "-aq")) === "");
}, 60_000);

test("run BUILD:STEP: any step of a recorded build, a failed one as it began", async () => {
  const [, last = ""] = (await lab.out("builds", "ls")).split("\n");
  const build = last.split(/\s+/)[0] ?? "";
  const step = (name: string, ...command: string[]) => lab.out("run", "--rm", `${build}:${name}`, ...command);
  expect(await step("base 2/2", "tail", "-n1", "/etc/passwd")).toStartWith("app:");
  expect(await step("stage-1 1/3", "pwd")).toBe("/work");
  expect(await step("3", "sh", "-c", "cat a; echo $FROM_ENV")).toBe("content\n1");
  expect(await step("3/3", "sh", "-c", 'id -un; ls /tmp; echo "$TOKEN$GIVEN"')).toBe("app");
  const none = await lab.run(["run", `${build}:9`]);
  expect([none.code, none.stderr]).toEqual([125, expect.stringContaining("No such step in build")]);
}, 60_000);
