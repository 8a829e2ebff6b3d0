/** An engine in this process, a secret of the host, and a look at whether anything reached the host. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/local-engine.ts";
import type { ContainerCreate } from "../../src/engine/types/container.ts";
import { build, collect, configOf, makeBusybox, newRoot, start, uninstall } from "../engine/lab.ts";
import { until } from "../until.ts";

export const secret = "the host's own words";

export class EscapeLab implements AsyncDisposable {
  readonly engine: Engine;
  readonly root: string;
  /** A directory of the host that nobody was given. It holds `secret` and `passwd`. */
  readonly host: string;

  private constructor(engine: Engine, root: string) {
    this.engine = engine;
    this.root = root;
    this.host = join(root, "../host");
    mkdirSync(this.host);
    writeFileSync(join(this.host, "secret"), secret);
    writeFileSync(join(this.host, "passwd"), "hostuser:x:4242:4242::/:/bin/sh\n");
  }

  static async open(runtime: string): Promise<EscapeLab> {
    const root = newRoot();
    const lab = new EscapeLab(await openEngine({ ...configOf(root), runtime }), root);
    await makeBusybox(lab.engine, root);
    return lab;
  }

  /** An image of busybox and what the script does to it. */
  async image(name: string, script: string, more = ""): Promise<string> {
    const context = join(this.root, "../empty");
    mkdirSync(context, { recursive: true });
    const text = `FROM busybox\nRUN ${script}\n${more}\n`;
    const request = { context: { kind: "directory", path: context } as const, tags: [name] };
    await build(this.engine, { ...request, dockerfile: { text } });
    return name;
  }

  /** An image of busybox with a link at `path`. */
  async linked(name: string, path: string, target: string): Promise<string> {
    const directory = join(this.root, "../contexts", name);
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    symlinkSync(target, join(directory, path));
    const text = "FROM busybox\nCOPY . /\n";
    const context = { kind: "directory", path: directory } as const;
    await build(this.engine, { context, tags: [name], dockerfile: { text } });
    return name;
  }

  /** A container that has done the script and goes on. */
  async ready(script: string, more: ContainerCreate = {}): Promise<string> {
    const id = await start(this.engine, ["sh", "-c", `${script}; touch /tmp/ready; exec sleep 1000`], more);
    const isReady = () =>
      this.engine.files.stat(id, "/tmp/ready").then(
        () => true,
        () => false,
      );
    await until(isReady);
    return id;
  }

  /** What a process beside the container's own prints, on both streams. */
  async exec(id: string, cmd: string[], more: { WorkingDir?: string; User?: string } = {}): Promise<string> {
    const made = await this.engine.execs.create(id, {
      Cmd: cmd,
      AttachStdout: true,
      AttachStderr: true,
      ...more,
    });
    await using streams = await this.engine.execs.start(made.Id);
    const { stdout, stderr } = await collect(streams);
    return stdout + stderr;
  }

  async remove(id: string): Promise<void> {
    await this.engine.containers.remove(id, { force: true, volumes: true });
  }

  /** Names and contents of the host's directory: as at the beginning, when nothing got out. */
  hostFiles(): Record<string, string> {
    return Object.fromEntries(
      readdirSync(this.host).map((name) => [name, readFileSync(join(this.host, name), "utf8")]),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    await uninstall(this.root);
  }
}
