import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's package `docker.io`; null when it cannot be run here. */
export const dockerd =
  process.getuid?.() === 0 && Bun.which("docker") !== null
    ? (Bun.which("dockerd") ?? Bun.which("/usr/sbin/dockerd"))
    : null;
if (dockerd === null) console.log("skipped: docker and dockerd are not installed, or not run by root");

/** A dockerd with data, socket and containerd of its own, without a network: it only pulls and pushes. */
export class DockerDaemon implements AsyncDisposable {
  readonly #directory: string;
  readonly #process: Bun.Subprocess;

  private constructor(directory: string, process: Bun.Subprocess) {
    this.#directory = directory;
    this.#process = process;
  }

  static async open(): Promise<DockerDaemon> {
    const directory = await mkdtemp(join(tmpdir(), "dockerd-"));
    const at = (name: string) => join(directory, name);
    const child = Bun.spawn(
      [
        dockerd ?? "",
        `--data-root=${at("data")}`,
        `--exec-root=${at("exec")}`,
        `--pidfile=${at("dockerd.pid")}`,
        `--host=unix://${at("docker.sock")}`,
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
        "--ip-forward=false",
        "--storage-driver=vfs",
      ],
      { stdout: "ignore", stderr: Bun.file(at("log")) },
    );
    const daemon = new DockerDaemon(directory, child);
    for (const deadline = Date.now() + 60_000; Date.now() < deadline && child.exitCode === null;) {
      const up = existsSync(at("docker.sock")) && (await daemon.run("info").catch(() => undefined));
      if (up) return daemon;
      await Bun.sleep(100);
    }
    const log = await Bun.file(at("log")).text();
    await daemon[Symbol.asyncDispose]();
    throw new Error(`dockerd does not come up: ${log.slice(-1000)}`);
  }

  /** Runs Docker's client. Throws with what it said. */
  async run(...args: string[]): Promise<string> {
    const host = `unix://${join(this.#directory, "docker.sock")}`;
    const env = { PATH: process.env.PATH ?? "", DOCKER_CONFIG: this.#directory };
    const child = Bun.spawn(["docker", "-H", host, ...args], { stdout: "pipe", stderr: "pipe", env });
    const [output, errors, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`docker ${args.join(" ")}: ${errors}`);
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.exited;
    await rm(this.#directory, { recursive: true, force: true });
  }
}
