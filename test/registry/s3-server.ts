import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port.ts";

const program = join(import.meta.dir, "s3rver.mjs");

/** An object store on loopback (npm's s3rver, under Node) with one bucket `images`. For tests. */
export class S3Server implements AsyncDisposable {
  readonly endpoint: string;
  readonly #directory: string;
  readonly #process: Bun.Subprocess;

  private constructor(endpoint: string, directory: string, process: Bun.Subprocess) {
    this.endpoint = endpoint;
    this.#directory = directory;
    this.#process = process;
  }

  /** `partCopy`: one that copies parts of objects inside itself. */
  static async open({ partCopy = false } = {}): Promise<S3Server> {
    const directory = await mkdtemp(join(tmpdir(), "s3-"));
    const port = await freePort();
    const child = Bun.spawn(["node", program, directory, String(port), partCopy ? "part-copy" : ""], {
      stdout: "ignore",
      stderr: "ignore",
    });
    const endpoint = `http://127.0.0.1:${port}`;
    const server = new S3Server(endpoint, directory, child);
    for (let tries = 0; tries < 100; tries += 1) {
      if (
        await fetch(endpoint).then(
          () => true,
          () => false,
        )
      )
        return server;
      await Bun.sleep(100);
    }
    await server[Symbol.asyncDispose]();
    throw new Error("s3rver does not answer");
  }

  get options() {
    const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
    return { endpoint: this.endpoint, bucket: "images", region: "us-east-1", credentials };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    await rm(this.#directory, { recursive: true, force: true });
  }
}
