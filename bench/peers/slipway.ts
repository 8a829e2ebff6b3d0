import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { CleanupStack } from "../../src/internal/cleanup-stack.ts";
import { run, tryRun } from "../command.ts";
import { startBackground } from "./background.ts";
import type { Peer } from "./peer.ts";
import { startRegistryServer } from "./registry-server.ts";
import { freePort } from "./registry.ts";

/**
 * The executable of this checkout, `dist/slipway`, with an engine on a root of the benchmark's own. `engineProgram` runs
 * the engine in another way, as from source under a profiler.
 */
export async function openSlipway(directory: string, engineProgram?: readonly string[]): Promise<Peer> {
  const built = resolve("dist/slipway");
  if (!existsSync(built)) throw new Error(`"${built}" is missing: run "npm run build" first`);
  mkdirSync(directory, { recursive: true });
  // A build made meanwhile does not change what is measured.
  const program = join(directory, "slipway");
  copyFileSync(built, program);
  const socket = join(directory, "slipway.sock");
  const cli = (...args: string[]) => ({ argv: [program, "-H", `unix://${socket}`, ...args] });
  const engine = await startBackground(
    [...(engineProgram ?? [program]), "engine", "--root", join(directory, "root"), "--socket", socket],
    join(directory, "engine.log"),
    () => existsSync(socket) && tryRun(cli("version")) !== undefined,
  );
  const cleanup = new CleanupStack();
  cleanup.push(() => uninstall(program, directory, socket));
  cleanup.push(() => engine[Symbol.asyncDispose]());
  return {
    name: "slipway",
    version:
      run({ argv: [program, "--version"] })
        .trim()
        .split(" ")
        .at(-1) ?? "",
    cli,
    socket,
    pruneBuilds: cli("builder", "prune", "--all", "--force"),
    enginePids: () => [engine.pid],
    serveRegistry: async (at) => {
      const host = `127.0.0.1:${await freePort()}`;
      const argv = [program, "registry", "serve", "--listen", host, "--root", join(at, "data")];
      return await startRegistryServer(argv, host, join(at, "registry.log"));
    },
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}

/** Takes bridge and rules out of the running system. */
function uninstall(program: string, directory: string, socket: string): void {
  tryRun({
    argv: [program, "system", "uninstall", "--force", "--data"],
    env: { SLIPWAY_ROOT: join(directory, "root"), SLIPWAY_SOCKET: socket },
  });
}
