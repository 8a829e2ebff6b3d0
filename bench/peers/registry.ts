import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { startBackground, type Background } from "./background.ts";
import { findProgram } from "./find-program.ts";

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
  const data = join(directory, "data");
  mkdirSync(data, { recursive: true });
  const host = `127.0.0.1:${await freePort()}`;
  const config = join(directory, "config.yml");
  const storage = `storage:\n  filesystem:\n    rootdirectory: ${data}\n`;
  writeFileSync(config, `version: 0.1\nlog:\n  level: error\n${storage}http:\n  addr: ${host}\n`);
  const begin = () =>
    startBackground([program, "serve", config], join(directory, "registry.log"), () => answers(host));
  let server: Background = await begin();
  return {
    host,
    clear: async () => {
      await server[Symbol.asyncDispose]();
      rmSync(data, { recursive: true, force: true });
      mkdirSync(data);
      server = await begin();
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function answers(host: string): Promise<boolean> {
  return await fetch(`http://${host}/v2/`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
