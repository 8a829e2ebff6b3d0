import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { clearNetwork } from "../network/clear-network.ts";
import { Home } from "../network/home.ts";
import { NetnsDirectory } from "../network/netns.ts";
import { detachBelow } from "../platform/detach-below.ts";
import { openRuntime } from "../runtime/oci-runtime.ts";
import { lockRoot } from "../state/lock-root.ts";
import type { EngineConfig } from "./config.ts";

/**
 * Takes everything out of the running system that engines of `config.root` put there, without looking at the records:
 * processes, mounts, namespaces, links, rules. For a root that no engine can be opened on any more. Files stay, and with
 * them what the records say of containers that are gone by now. Idempotent. Throws `conflict` while an engine works on
 * the root, and `unavailable` without a runtime to end containers with.
 */
export async function clearAway(config: EngineConfig): Promise<void> {
  const { root, runDirectory, rootless } = config;
  using _lock = lockRoot(root);
  await mkdir(runDirectory, { recursive: true, mode: 0o711 });
  const runtime = await openRuntime({
    runDir: join(runDirectory, "runtime"),
    runtime: config.runtime,
    searchPath: config.searchPath,
    rootless: rootless !== undefined,
  });
  await runtime.sweepForeground();
  for (const id of await runtime.list()) await runtime.remove(id, join(runDirectory, "containers", id));
  runtime.logs.close();
  const directory = join(runDirectory, "netns");
  const netns = new NetnsDirectory(directory, { mayReturn: rootless === undefined });
  for (const id of await readdir(directory).catch(() => [])) await netns.delete(id);
  await detachBelow([runDirectory, root]);
  const home = new Home(rootless?.netns);
  await clearNetwork(
    { table: config.nftTable, dnsDirectory: join(runDirectory, "dns"), home },
    config.bridge,
  );
}
