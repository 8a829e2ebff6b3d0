import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorCode } from "../errors.ts";
import { lockRoot } from "./lock-root.ts";

function tempRoot(): { root: string } & Disposable {
  const directory = mkdtempSync(join(tmpdir(), "slipway-lock-"));
  return {
    root: join(directory, "root"),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true }),
  };
}

function codeOf(work: () => unknown): string {
  try {
    work();
    return "no error";
  } catch (error) {
    return errorCode(error);
  }
}

test("lockRoot() lets one engine use a root, and names it to the second", () => {
  using t = tempRoot();
  {
    using _first = lockRoot(t.root);
    expect(codeOf(() => lockRoot(t.root))).toBe("conflict");
    expect(() => lockRoot(t.root)).toThrow(`another engine is using it (process ${process.pid})`);
  }
  using again = lockRoot(t.root);
  again[Symbol.dispose]();
});

test("lockRoot() is free again when its process was killed, though its children live", async () => {
  using t = tempRoot();
  const module = JSON.stringify(join(import.meta.dir, "lock-root.ts"));
  const program = `
    const { lockRoot } = await import(${module});
    const { spawn } = await import("node:child_process");
    globalThis.lock = lockRoot(${JSON.stringify(t.root)});
    const child = spawn("sleep", ["30"], { stdio: "ignore", detached: true });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const engine = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(engine.stdout, "data")) as [Buffer];
  const sleeper = Number(line.toString());
  try {
    expect(codeOf(() => lockRoot(t.root))).toBe("conflict");
    engine.kill("SIGKILL");
    await once(engine, "exit");
    using _lock = lockRoot(t.root);
    process.kill(sleeper, 0);
  } finally {
    engine.kill("SIGKILL");
    process.kill(sleeper, "SIGKILL");
  }
});
