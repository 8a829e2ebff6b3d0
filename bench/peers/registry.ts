import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { run } from "../command.ts";
import { findProgram } from "./find-program.ts";
import { still, type MissingPeer, type Peer } from "./peer.ts";
import { startRegistryServer, type RegistryServer } from "./registry-server.ts";

/** A registry on the loopback for pushes and pulls: Debian's `docker-registry`. Disposing stops it. */
export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:40123` */
  readonly host: string;
  /** Forgets everything that was pushed. */
  clear(): Promise<void>;
}

/** undefined when it is not installed. */
export async function openRegistry(directory: string): Promise<Registry | undefined> {
  const program = findProgram("docker-registry");
  if (program === undefined) return undefined;
  const host = `127.0.0.1:${await freePort()}`;
  let server = await serveDockerRegistry(program, directory, host);
  return {
    host,
    clear: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(join(directory, "data"), { recursive: true, force: true });
      server = await serveDockerRegistry(program, directory, host);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Debian's `docker-registry` as a peer of `slipway registry serve`. */
export function openDockerRegistry(): Peer | MissingPeer {
  const name = "docker-registry";
  const program = findProgram(name);
  if (program === undefined) return { name, missing: "not installed" };
  const version = / v?(\S+)\s*$/.exec(run({ argv: [program, "--version"] }))?.[1] ?? "";
  const serveRegistry = async (directory: string): Promise<RegistryServer> =>
    await serveDockerRegistry(program, directory, `127.0.0.1:${await freePort()}`);
  return still({ name, version, serveRegistry });
}

async function serveDockerRegistry(
  program: string,
  directory: string,
  host: string,
): Promise<RegistryServer> {
  const data = join(directory, "data");
  mkdirSync(data, { recursive: true });
  const config = join(directory, "config.yml");
  const storage = `storage:\n  filesystem:\n    rootdirectory: ${data}\n`;
  const log = "log:\n  level: error\n  accesslog:\n    disabled: true\n";
  writeFileSync(config, `version: 0.1\n${log}${storage}http:\n  addr: ${host}\n`);
  return await startRegistryServer([program, "serve", config], host, join(directory, "registry.log"));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
