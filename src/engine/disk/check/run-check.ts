import { errorMessage } from "../../../errors.ts";
import { checkStore } from "../../../image/check-store.ts";
import type { Problem } from "../../../image/check/problem.ts";
import type { CallOptions } from "../../../oci/call-options.ts";
import type { StoreParts } from "../../store-parts.ts";
import type { StoreCheck, StoreProblem } from "../../types/disk.ts";
import { checkContainers } from "./check-containers.ts";
import { checkDatabase } from "./check-database.ts";
import { checkRoot } from "./check-root.ts";
import { checkVolumes } from "./check-volumes.ts";
import { mountTable, type MountEntry } from "./mount-table.ts";

/** What of an engine is checked. */
export type CheckedEngine = Pick<StoreParts, "config" | "stores" | "host">;

/**
 * Verifies everything that the engine has: database, blobs, layers, snapshots, images, containers, volumes, mounts. With
 * `repair` each problem is put right, where that loses nothing, before the next is looked for. Works beside everything
 * else.
 */
export async function runCheck(
  parts: CheckedEngine,
  options: CallOptions & { repair?: boolean } = {},
): Promise<StoreCheck> {
  const problems: StoreProblem[] = [];
  const mounts = await mountTable();
  for await (const problem of allProblems(parts, mounts, options)) {
    problems.push(await settle(problem, options.repair === true));
  }
  return { Checked: await counts(parts, mounts), Problems: problems };
}

async function* allProblems(
  parts: CheckedEngine,
  mounts: readonly MountEntry[],
  { signal }: CallOptions,
): AsyncGenerator<Problem> {
  const { stores, host, config } = parts;
  const isMounted = (directory: string) => mounts.some(({ options }) => options.includes(directory));
  yield* checkDatabase(stores.state.db);
  yield* checkStore(stores, { signal, isMounted });
  yield* checkContainers(host, stores.snapshotter);
  yield* checkVolumes(host);
  yield* checkRoot(config.root);
}

async function settle(
  { kind, what, advice = "", repair }: Problem,
  isRepair: boolean,
): Promise<StoreProblem> {
  const problem: StoreProblem = {
    Kind: kind,
    What: what,
    Advice: advice,
    Repair: repair?.how ?? "",
    State: "found",
    Error: "",
  };
  if (!isRepair || repair === undefined) return problem;
  try {
    await repair.run();
    return { ...problem, State: "repaired" };
  } catch (error) {
    return { ...problem, State: "failed", Error: errorMessage(error) };
  }
}

async function counts(
  { stores, host, config }: CheckedEngine,
  mounts: readonly MountEntry[],
): Promise<StoreCheck["Checked"]> {
  const count = async (items: AsyncIterable<unknown>) => (await Array.fromAsync(items)).length;
  return {
    Blobs: await count(stores.content.list()),
    Layers: stores.layers.list().length,
    Snapshots: await count(stores.snapshotter.list()),
    Images: stores.images.records.list().length,
    Containers: host.store.all().length,
    Volumes: host.volumes.list().length,
    Mounts: mounts.filter(({ target }) => target.startsWith(`${config.runDirectory}/`)).length,
  };
}
