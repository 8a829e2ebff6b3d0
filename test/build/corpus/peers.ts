/** Other builders, each in a directory of its own. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../bench/peers/find-program.ts";
import { until } from "../../until.ts";
import type { CorpusCase } from "./case.ts";
import { readArchive, type BuiltImage } from "./read-archive.ts";

export interface PeerBuilder extends AsyncDisposable {
  readonly name: "buildah" | "buildkit";
  build(one: CorpusCase, context: string): BuiltImage;
}

/** Undefined, and printed why, when it is not here. `base`: an archive of `busybox:latest`. */
export async function openPeer(
  name: PeerBuilder["name"],
  directory: string,
  base: string,
): Promise<PeerBuilder | undefined> {
  const program = name === "buildah" ? "buildah" : "dockerd";
  if (findProgram(program) === undefined || (name === "buildkit" && findProgram("docker") === undefined)) {
    console.log(`SKIPPED: no ${program} to compare with`);
    return undefined;
  }
  mkdirSync(directory, { recursive: true });
  try {
    const peer = name === "buildah" ? openBuildah(directory, base) : await openBuildKit(directory, base);
    await orClose(peer, () => tryOut(peer, directory));
    return peer;
  } catch (error) {
    console.log(`SKIPPED: ${name} does not work here: ${String(error)}`);
    return undefined;
  }
}

/** Whether it can build at all here. */
function tryOut(peer: PeerBuilder, directory: string): void {
  const context = join(directory, "try");
  mkdirSync(context);
  const dockerfile = "FROM busybox\nRUN true\n";
  writeFileSync(join(context, "Dockerfile"), dockerfile);
  peer.build({ name: "try", dockerfile }, context);
}

async function orClose(peer: PeerBuilder, work: () => void): Promise<void> {
  try {
    work();
  } catch (error) {
    await peer[Symbol.asyncDispose]();
    throw error;
  }
}

function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...argv], { env: { ...process.env, ...env } });
  if (exitCode !== 0) throw new Error(`${argv.join(" ")}: ${stdout.toString()}${stderr.toString()}`);
  return stdout.toString();
}

function buildWords({ args = {}, target }: CorpusCase): string[] {
  const words = Object.entries(args).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  return [...words, ...(target === undefined ? [] : ["--target", target])];
}

function openBuildah(directory: string, base: string): PeerBuilder {
  const storage = [
    "--root",
    join(directory, "root"),
    "--runroot",
    join(directory, "run"),
    "--storage-driver",
    "overlay",
  ];
  const buildah = (...args: string[]) =>
    run(["buildah", ...storage, ...args], { BUILDAH_ISOLATION: "chroot" });
  buildah("pull", "-q", `docker-archive:${base}`);
  const archive = join(directory, "image.tar");
  return {
    name: "buildah",
    build(one, context) {
      rmSync(archive, { force: true });
      const flags = ["--isolation", "chroot", "--layers", "--format", "docker", "-q"];
      buildah("bud", ...flags, ...buildWords(one), "-t", "corpus", context);
      buildah("push", "-q", "corpus", `docker-archive:${archive}:corpus:latest`);
      return readArchive(archive, join(directory, "scratch"));
    },
    [Symbol.asyncDispose]() {
      run(["buildah", ...storage, "rm", "--all"]);
      rmSync(directory, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

async function openBuildKit(directory: string, base: string): Promise<PeerBuilder> {
  const socket = join(directory, "d.sock");
  const daemon = Bun.spawn(
    [
      findProgram("dockerd") ?? "",
      "--data-root",
      join(directory, "data"),
      "--exec-root",
      join(directory, "exec"),
      "--pidfile",
      join(directory, "pid"),
      "--host",
      `unix://${socket}`,
      "--bridge",
      "none",
      "--iptables=false",
      "--ip6tables=false",
    ],
    { stdout: "ignore", stderr: Bun.file(join(directory, "log")) },
  );
  const docker = (...args: string[]) =>
    run(["/usr/bin/docker", "-H", `unix://${socket}`, ...args], {
      DOCKER_BUILDKIT: "1",
      DOCKER_CONFIG: directory,
    });
  const end = async (): Promise<void> => {
    daemon.kill("SIGTERM");
    await daemon.exited;
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await until(() => {
      if (daemon.exitCode !== null) throw new Error("dockerd ended");
      return (
        existsSync(socket) &&
        Bun.spawnSync(["/usr/bin/docker", "-H", `unix://${socket}`, "info"]).exitCode === 0
      );
    }, 60_000);
    docker("load", "-q", "-i", base);
  } catch (error) {
    await end();
    throw error;
  }
  const archive = join(directory, "image.tar");
  return {
    name: "buildkit",
    build(one, context) {
      docker("build", "-q", "--network", "none", ...buildWords(one), "-t", "corpus", context);
      docker("save", "-o", archive, "corpus");
      return readArchive(archive, join(directory, "scratch"));
    },
    [Symbol.asyncDispose]: end,
  };
}
