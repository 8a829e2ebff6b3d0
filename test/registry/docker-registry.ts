import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pingRegistry } from "../../src/registry/client/ping-registry.ts";
import { freePort } from "../free-port.ts";

/** Debian's package `docker-registry`: distribution 2.8. */
export const dockerRegistry = Bun.which("docker-registry");

/** A server of it on loopback, with a directory of its own. */
export class DockerRegistry implements AsyncDisposable {
  readonly #directory: string;
  readonly #process: Bun.Subprocess;
  readonly port: number;

  private constructor(directory: string, process: Bun.Subprocess, port: number) {
    this.#directory = directory;
    this.#process = process;
    this.port = port;
  }

  static async open(auth = ""): Promise<DockerRegistry> {
    const directory = await mkdtemp(join(tmpdir(), "docker-registry-"));
    const port = await freePort();
    const hash = (await Bun.password.hash("secret", { algorithm: "bcrypt", cost: 4 })).replace(
      "$2b$",
      "$2y$",
    );
    await writeFile(join(directory, "htpasswd"), `ann:${hash}\n`);
    const config = `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${directory} }, delete: { enabled: true } }
http: { addr: "127.0.0.1:${port}" }
${auth.replace("DIR", directory)}`;
    await writeFile(join(directory, "config.yml"), config);
    const child = Bun.spawn([dockerRegistry ?? "", "serve", join(directory, "config.yml")], {
      stdout: "ignore",
      stderr: "ignore",
    });
    const registry = new DockerRegistry(directory, child, port);
    for (let tries = 0; tries < 100; tries += 1) {
      const up = await pingRegistry(registry.host).then(
        () => true,
        () => false,
      );
      if (up) return registry;
      await Bun.sleep(50);
    }
    await registry[Symbol.asyncDispose]();
    throw new Error("docker-registry does not answer");
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
    await rm(this.#directory, { recursive: true, force: true });
  }
}
