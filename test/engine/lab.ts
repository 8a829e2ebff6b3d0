/** Engines on roots of their own, in this process or in one that can be killed, and a look at what they leave. */
import { copyFileSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { engineConfig, noEngineFlags } from "../../src/cli/engine-config.ts";
import { RemoteEngine } from "../../src/client/remote-engine.ts";
import { startEngineProcess } from "../../src/client/start-engine.ts";
import type { EngineConfig } from "../../src/engine/config.ts";
import type { AttachStream, BuildEvent, BuildRequest, Engine } from "../../src/engine/engine.ts";
import type { CallOptions } from "../../src/oci/call-options.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";

export const bin = resolve(import.meta.dir, "../../src/cli/bin.ts");
export const slipway = [process.execPath, bin];

export function newRoot(): string {
  return join(mkdtempSync(join(tmpdir(), "slipway-engine-")), "root");
}

export function configOf(root: string, warnings: string[] = []): EngineConfig {
  const warn = (text: string) => void warnings.push(text);
  return engineConfig({ ...noEngineFlags, root, env: process.env, warn });
}

/** Takes everything of a {@link newRoot} out of the system: engine, containers, links, rules, files, contexts. */
export async function uninstall(root: string): Promise<void> {
  const child = Bun.spawn([...slipway, "system", "uninstall", "-f", "--data"], {
    env: { ...process.env, SLIPWAY_ROOT: root },
    stdout: "ignore",
    stderr: "pipe",
  });
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  if (code !== 0) throw new Error(`uninstall: ${said}`);
  await rm(dirname(root), { recursive: true, force: true });
}

/** An engine in a process of its own. Dispose ends it and takes everything of its root away. */
export class EngineProcess implements AsyncDisposable {
  readonly root: string;
  readonly socket: string;
  #engine: RemoteEngine | undefined;
  #pid = 0;

  private constructor(root: string) {
    this.root = root;
    this.socket = join(root, "../engine.sock");
  }

  static async start(root = newRoot()): Promise<EngineProcess> {
    const made = new EngineProcess(root);
    await made.restart();
    return made;
  }

  get engine(): RemoteEngine {
    if (this.#engine === undefined) throw new Error("the engine does not run");
    return this.#engine;
  }

  get pid(): number {
    return this.#pid;
  }

  async restart(): Promise<void> {
    const { engine, process: child } = await startEngineProcess({
      root: this.root,
      socketPath: this.socket,
      command: slipway,
    });
    this.#engine = engine;
    this.#pid = child?.pid ?? 0;
    this.#over = new Promise((done) => child?.once("exit", () => done()));
  }

  #over: Promise<void> = Promise.resolve();

  /** `kill -9`, and waits until it is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    process.kill(this.#pid, signal);
    await this.#over;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await uninstall(this.root);
  }
}

const applets =
  "sh ls cat echo mkdir rm touch sleep env id stat find grep cp mv chmod true false pwd ln test wc seq kill ps httpd nc wget hostname ip mount dd head tail yes ping nslookup trap vi usleep date tr printf df sync";

/** A directory to build busybox from. */
export function busyboxContext(root: string): string {
  const context = join(root, "../busybox");
  mkdirSync(join(context, "bin"), { recursive: true });
  copyFileSync("/bin/busybox", join(context, "bin/busybox"));
  for (const name of applets.split(" ")) symlinkSync("busybox", join(context, "bin", name));
  mkdirSync(join(context, "etc"));
  const accounts = "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n";
  writeFileSync(join(context, "etc/passwd"), accounts);
  writeFileSync(join(context, "etc/group"), "root:x:0:\napp:x:1001:\nextra:x:2000:app\n");
  mkdirSync(join(context, "tmp"), { mode: 0o1777 });
  mkdirSync(join(context, "root"));
  writeFileSync(join(context, "Dockerfile"), 'FROM scratch\nCOPY . /\nCMD ["sh"]\n');
  return context;
}

export async function makeBusybox(engine: Engine, root: string): Promise<void> {
  const context = { kind: "directory", path: busyboxContext(root) } as const;
  await build(engine, { context, tags: ["busybox:latest"] });
}

/** The image ID and all events. */
export async function build(
  engine: Engine,
  request: BuildRequest,
  o: CallOptions = {},
): Promise<{ id: string; events: BuildEvent[] }> {
  const events: BuildEvent[] = [];
  for await (const event of engine.builds.build(request, o)) events.push(event);
  const last = events.at(-1);
  return { id: last?.type === "image" ? last.id : "", events };
}

export interface Ran {
  readonly id: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** As `docker run --rm` does: create, attach, wait, start. */
export async function run(engine: Engine, cmd: string[], more: ContainerCreate = {}): Promise<Ran> {
  const HostConfig = { AutoRemove: true, ...more.HostConfig };
  const { Id: id } = await engine.containers.create({ Image: "busybox", Cmd: cmd, ...more, HostConfig });
  await using streams = await engine.containers.attach(id, { stdout: true, stderr: true, stream: true });
  const ended = engine.containers.wait(id, { condition: HostConfig.AutoRemove ? "removed" : "next-exit" });
  ended.catch(() => undefined);
  await engine.containers.start(id);
  const said = await collect(streams);
  return { id, code: (await ended).StatusCode, ...said };
}

/** Creates and starts. */
export async function start(engine: Engine, cmd: string[], more: ContainerCreate = {}): Promise<string> {
  const { Id } = await engine.containers.create({ Image: "busybox", Cmd: cmd, ...more });
  await engine.containers.start(Id);
  return Id;
}

export async function collect(
  streams: Pick<AttachStream, "output">,
): Promise<{ stdout: string; stderr: string }> {
  const out = { stdout: "", stderr: "" };
  for await (const { stream, data } of streams.output) out[stream] += Buffer.from(data).toString();
  return out;
}

export async function logs(engine: Engine, id: string): Promise<string> {
  const { stdout, stderr } = await collect(await engine.containers.logs(id, { stdout: true, stderr: true }));
  return stdout + stderr;
}
