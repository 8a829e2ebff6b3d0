import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startEngine } from "../../src/index.ts";
import type { PrivateEngine } from "../../src/index.ts";

setDefaultTimeout(60_000);

/** The examples as a user has them: bundled against the built library, in a place where nothing of ours is. */
const home = mkdtempSync(join(tmpdir(), "slipway-examples-"));
const rootfs = join(home, "rootfs");
let engine: PrivateEngine;

beforeAll(async () => {
  mkdirSync(join(rootfs, "bin"), { recursive: true });
  copyFileSync(Bun.which("busybox") ?? "/bin/busybox", join(rootfs, "bin/busybox"));
  for (const applet of ["sh", "echo", "sleep", "tr", "httpd", "mkdir", "touch"])
    symlinkSync("busybox", join(rootfs, "bin", applet));
  const command = [process.execPath, resolve("src/cli/bin.ts")];
  engine = await startEngine({ command });
  const context = { kind: "directory", path: rootfs } as const;
  for await (const _event of engine.builds.build({
    context,
    dockerfile: { text: "FROM scratch\nCOPY . /\n" },
    tags: ["busybox"],
  }));
});

afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true });
});

for (const program of ["node", "bun"] as const) {
  test(`build-and-run.ts on ${program}`, async () => {
    const { stdout } = await run(program, "build-and-run.ts");
    expect(stdout).toMatch(/^built sha256:[0-9a-f]{12}\nhello from a container\nexit code 0\n$/);
  });

  test(`exec-with-input.ts on ${program}`, async () => {
    expect((await run(program, "exec-with-input.ts")).stdout).toBe("SHOUT THIS\n");
  });

  test(`follow-logs.ts on ${program}`, async () => {
    const { stdout } = await run(program, "follow-logs.ts");
    expect(stdout.split("\n").filter((line) => line === "tick").length).toBeGreaterThanOrEqual(3);
  });
}

test("test-suite.ts on node", async () => {
  const { stdout } = await run("node", "test-suite.ts");
  expect(stdout.trim().split("\n")).toEqual([
    "ok finds who was seeded",
    "ok adds somebody",
    "ok does not see what another test added",
  ]);
});

async function run(program: "node" | "bun", example: string): Promise<{ stdout: string }> {
  const target = program === "node" ? "node" : "bun";
  const bundle = await Bun.build({
    entrypoints: [resolve("examples", example)],
    target,
    format: "esm",
    plugins: [
      {
        name: "slipway",
        setup: (build) => {
          build.onResolve({ filter: /^slipway$/ }, () => ({ path: resolve("src/index.ts") }));
          build.onResolve({ filter: /^slipway\/testing$/ }, () => ({ path: resolve("src/testing.ts") }));
        },
      },
    ],
  });
  const file = join(home, `${example}.${program}.mjs`);
  await Bun.write(file, bundle.outputs[0] ?? "");
  const binary = program === "node" ? "node" : process.execPath;
  const env = {
    ...process.env,
    SLIPWAY_SOCKET: engine.socketPath,
    ROOTFS: rootfs,
    PATH: `${resolve("dist")}:${process.env["PATH"]}`,
  };
  const { status, stdout, stderr } = spawnSync(binary, [file], { env, encoding: "utf8", timeout: 30_000 });
  if (status !== 0) throw new Error(`${example} ended with ${status}: ${stderr}`);
  return { stdout };
}
