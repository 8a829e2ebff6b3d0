import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const program = join(import.meta.dir, "../../src/cli/bin.ts");

/** `slipway registry serve` as a process of its own, with a directory that goes with it. For tests. */
export class ServeCommand implements AsyncDisposable {
  readonly directory: string;
  readonly url: string;
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;

  private constructor(directory: string, child: ServeCommand["process"], url: string) {
    this.directory = directory;
    this.process = child;
    this.url = url;
  }

  /** `prepare` writes files into the directory and returns flags. */
  static async open(prepare: (directory: string) => Promise<string[]>): Promise<ServeCommand> {
    const directory = await mkdtemp(join(tmpdir(), "registry-serve-"));
    const flags = await prepare(directory);
    const child = Bun.spawn([process.execPath, program, "registry", "serve", ...flags], {
      stdout: "pipe",
      stderr: "pipe",
      stdin: "ignore",
    });
    const line = await firstLine(child.stderr);
    const url = /^slipway registry on (\S+)$/m.exec(line)?.[1];
    if (url !== undefined) return new ServeCommand(directory, child, url);
    child.kill("SIGKILL");
    await rm(directory, { recursive: true, force: true });
    throw new Error(line);
  }

  get host(): string {
    return new URL(this.url).host;
  }

  /** What it wrote to standard output, after its end. */
  async output(): Promise<string> {
    return await new Response(this.process.stdout).text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.process.kill("SIGKILL");
    await this.process.exited;
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const reader = stream.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    text += new TextDecoder().decode(value);
    if (done || text.includes("\n")) break;
  }
  reader.releaseLock();
  return text;
}
