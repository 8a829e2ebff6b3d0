import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OciRuntime, openRuntime } from "../../src/runtime/oci-runtime.ts";
import type { Attachment, OutputChunk, StdioConfig, Task } from "../../src/runtime/runtime.ts";
import { readHostFacts } from "../../src/runtime/spec/host-facts.ts";
import { serializeSpec } from "../../src/runtime/spec/serialize-spec.ts";
import type { RuntimeSpecInput } from "../../src/runtime/spec/spec-input.ts";
import { toRuntimeSpec } from "../../src/runtime/spec/to-runtime-spec.ts";

export const runtimes = ["crun", "runc"] as const;
export const facts = readHostFacts();
export const searchPath = process.env["PATH"] ?? "";

/** A runtime in a directory of its own, a busybox root, and everything made with it removed at the end. */
export class Fixture implements AsyncDisposable {
  readonly directory: string;
  readonly rootfs: string;
  readonly runtime: OciRuntime;
  readonly ids: string[] = [];

  private constructor(directory: string, runtime: OciRuntime) {
    this.directory = directory;
    this.rootfs = join(directory, "rootfs");
    this.runtime = runtime;
  }

  static async open(name: string): Promise<Fixture> {
    const directory = mkdtempSync(join(tmpdir(), "slipway-runtime-"));
    makeRoot(join(directory, "rootfs"));
    return new Fixture(directory, await Fixture.runtimeIn(directory, name));
  }

  static runtimeIn(directory: string, name: string): Promise<OciRuntime> {
    return openRuntime({ runDir: join(directory, "run"), runtime: name, searchPath });
  }

  bundle(args: readonly string[], over: Partial<RuntimeSpecInput> = {}): { id: string; bundle: string } {
    const id = randomBytes(32).toString("hex");
    this.ids.push(id);
    const bundle = join(this.directory, id);
    mkdirSync(bundle);
    const base = { id, args, env: ["PATH=/bin"], cwd: "/", user: { uid: 0, gid: 0 }, rootfs: this.rootfs };
    const { spec } = toRuntimeSpec({ ...base, hostname: "box", ...over }, facts);
    writeFileSync(join(bundle, "config.json"), serializeSpec(spec));
    return { id, bundle };
  }

  async create(
    args: readonly string[],
    over: Partial<RuntimeSpecInput> = {},
    stdio: Partial<StdioConfig> = {},
  ): Promise<Task & { bundle: string; stdio: StdioConfig }> {
    const { id, bundle } = this.bundle(args, {
      ...over,
      ...(stdio.terminal === true ? { terminal: true } : {}),
    });
    const full = { terminal: false, stdin: false, stdinOnce: false, logPath: join(bundle, "log"), ...stdio };
    const task = await this.runtime.create(id, bundle, full);
    return Object.assign(task, { bundle, stdio: full });
  }

  /** Runs to the end and returns everything. */
  async run(args: readonly string[], over: Partial<RuntimeSpecInput> = {}): Promise<Result> {
    const task = await this.create(args, over);
    await using attachment = await task.attach();
    const output = collect(attachment);
    await task.start();
    const { exitCode } = await task.wait();
    return { exitCode, ...(await output) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stdio = { terminal: false, stdin: false, stdinOnce: false };
    for (const id of this.ids) {
      const task = await this.runtime.load(id, join(this.directory, id), stdio).catch(() => undefined);
      await task?.delete();
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export interface Result {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function collect(
  source: Pick<Attachment, "output">,
): Promise<{ stdout: string; stderr: string }> {
  const parts: { stdout: Uint8Array[]; stderr: Uint8Array[] } = { stdout: [], stderr: [] };
  for await (const chunk of source.output) parts[chunk.stream].push(chunk.data);
  return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString() };
}

/** Reads on until what came matches; returns all of it. */
export async function until(output: AsyncIterator<OutputChunk>, pattern: RegExp): Promise<string> {
  let text = "";
  while (!pattern.test(text)) {
    const next = await output.next();
    if (next.done === true) throw new Error(`output ended before ${pattern}: ${JSON.stringify(text)}`);
    text += Buffer.from(next.value.data).toString();
  }
  return text;
}

/** Every cgroup that is named for `id`, and what a hybrid host has of it in the directory below its v2 tree. */
export function cgroupsOf(id: string): string[] {
  const roots = ["/sys/fs/cgroup", ...readdirSync("/sys/fs/cgroup").map((name) => `/sys/fs/cgroup/${name}`)];
  const cgroups = roots.map((root) => `${root}/slipway/${id}`).filter((path) => existsSync(path));
  return [...cgroups, ...belowUnified(id)];
}

function belowUnified(id: string): string[] {
  const unified = "/sys/fs/cgroup/unified";
  if (!existsSync(unified)) return [];
  const script = `umount -l ${unified}; find ${unified} -name ${id}`;
  const { stdout } = spawnSync("unshare", ["--mount", "sh", "-c", script], { encoding: "utf8" });
  return stdout.split("\n").filter((line) => line !== "");
}

function makeRoot(root: string): void {
  for (const name of ["bin", "dev", "etc", "proc", "sys", "tmp", "root"])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  const names = spawnSync("/bin/busybox", ["--list"], { encoding: "utf8" })
    .stdout.split("\n")
    .filter(Boolean);
  const links = names.filter((name) => name !== "busybox").map((name) => join(root, "bin", name));
  spawnSync("sh", ["-c", 'for each; do ln -s busybox "$each"; done', "sh", ...links]);
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nguest:x:1000:1000::/home/guest:/bin/sh\n",
  );
  writeFileSync(join(root, "etc/group"), "root:x:0:\nguest:x:1000:\nstaff:x:50:guest\n");
  writeFileSync(join(root, "not-executable"), "#!/bin/sh\n");
}
