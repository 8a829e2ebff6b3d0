/** A real engine on a root of its own, its command line, and images to look at. Needs root. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PrivateEngine } from "../../src/client/private-engine.ts";

const program = [process.execPath, join(import.meta.dir, "../../src/cli/bin.ts")];

/** What a command line printed, and how it ended. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** A tree of files by path; a number is that many bytes. */
export type Files = Readonly<Record<string, string | number>>;

export class Lab implements AsyncDisposable {
  readonly directory: string;
  engine: PrivateEngine;
  readonly #env: NodeJS.ProcessEnv;
  #made = 0;

  private constructor(directory: string, engine: PrivateEngine, env: NodeJS.ProcessEnv) {
    this.directory = directory;
    this.engine = engine;
    this.#env = env;
  }

  /** `root`: where the engine keeps everything; default: a directory of the lab's own. `env`: the engine's. */
  static async open(options: { root?: string; env?: Record<string, string> } = {}): Promise<Lab> {
    const directory = mkdtempSync(join(tmpdir(), "slipway-lab-"));
    const root = options.root ?? join(directory, "root");
    // Whatever the machine's disk is short of, a test finds in the cache what it built.
    const env = { ...process.env, SLIPWAY_GC: "off", ...options.env };
    return new Lab(directory, await PrivateEngine.start({ command: program, root, env }), env);
  }

  get root(): string {
    return this.engine.root;
  }

  /** Ends the engine, lets `work` at its root, and starts it again. */
  async whileDown(work: () => void | Promise<void>): Promise<void> {
    const { root } = this;
    await this.engine[Symbol.asyncDispose]();
    await work();
    this.engine = await PrivateEngine.start({ command: program, root, env: this.#env });
  }

  /** `slipway …` against this engine. */
  async slipway(...words: string[]): Promise<Ran> {
    const host = ["--host", `unix://${this.engine.socketPath}`];
    return await run([...program, ...host, ...words]);
  }

  /** As {@link slipway}; throws unless it ends with 0. */
  async ok(...words: string[]): Promise<string> {
    const { stdout, stderr, code } = await this.slipway(...words);
    if (code !== 0) throw new Error(`slipway ${words.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  async json<T>(...words: string[]): Promise<T> {
    return JSON.parse(await this.ok(...words)) as T;
  }

  /** Builds `dockerfile` with `files` as its context; `busybox` is there for RUN. Resolves to the image ID. */
  async build(tag: string, dockerfile: string, files: Files = {}): Promise<string> {
    const context = this.path(`context-${(this.#made += 1)}`);
    mkdirSync(context);
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(context, name)), { recursive: true });
      writeFileSync(join(context, name), typeof content === "number" ? Buffer.alloc(content, name) : content);
    }
    await copyFile("/bin/busybox", join(context, "busybox"));
    writeFileSync(join(context, "Dockerfile"), dockerfile);
    return (await this.ok("build", "-q", "-t", tag, context)).trim();
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Containers, links and rules go with it, and its root when it was the lab's own. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { root } = this;
    await this.engine[Symbol.asyncDispose]();
    const { code, stderr } = await run([
      ...program,
      "--root",
      root,
      "system",
      "uninstall",
      "--force",
      "--data",
    ]);
    rmSync(this.directory, { recursive: true, force: true });
    if (code !== 0) throw new Error(`Cannot uninstall "${root}": ${stderr}`);
  }
}

/** Runs a program to its end. */
export async function run(words: readonly string[]): Promise<Ran> {
  const [name = "", ...args] = words;
  const child = spawn(name, args, { stdio: ["ignore", "pipe", "pipe"], cwd: "/" });
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (out.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (out.stderr += chunk.toString()));
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (ended) => resolve(ended ?? -1));
  });
  return { ...out, code };
}

/** A first stage that has a shell. */
export const busyboxBase = `FROM scratch AS base
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
`;
