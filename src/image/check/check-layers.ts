import { errorMessage, isCode } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { LayerLister } from "../listing/layer-lister.ts";
import type { LayerRecord } from "../layer-store.ts";
import { markImages } from "../mark.ts";
import { affectedImages } from "./affected-images.ts";
import type { CheckParts } from "./check-parts.ts";
import { layerDamage } from "./layer-damage.ts";
import {
  applyStored,
  claimedLayers,
  droppedLayer,
  packedIdentity,
  storedLayer,
  type ClaimedLayers,
} from "./layer-source.ts";
import type { Problem } from "./problem.ts";

export interface CheckLayersOptions extends CallOptions {
  /** Whether the files in a snapshot's directory are mounted somewhere: they are then not replaced. */
  readonly isMounted: (directory: string) => boolean;
}

/** Every layer that is unpacked: its snapshot, its files, and what is in them, against its blob or its diffID. */
export async function* checkLayers(parts: CheckParts, options: CheckLayersOptions): AsyncGenerator<Problem> {
  await using lister = new LayerLister(parts);
  const known = {
    claimed: await claimedLayers(parts),
    needed: (await markImages({ ...parts, records: parts.images.records })).snapshots,
  };
  const seen = new Set<string>();
  for (const layer of parts.layers.list()) {
    options.signal?.throwIfAborted();
    if (seen.has(layer.snapshot)) continue;
    seen.add(layer.snapshot);
    const problem = await checkLayer(parts, lister, layer, { ...options, ...known });
    if (problem !== undefined) yield problem;
  }
}

interface Looking extends CheckLayersOptions {
  readonly claimed: ClaimedLayers;
  /** the snapshots that images need */
  readonly needed: ReadonlySet<string>;
}

async function checkLayer(
  parts: CheckParts,
  lister: LayerLister,
  layer: LayerRecord,
  options: Looking,
): Promise<Problem | undefined> {
  const { snapshotter, layers } = parts;
  const { diffID, snapshot } = layer;
  using lease = parts.leases.create("check");
  lease.add(`snapshot/${snapshot}`);
  const isKnown = await snapshotter.stat(snapshot).then(
    () => true,
    (error: unknown) => !isCode(error, "not_found"),
  );
  if (!isKnown) {
    const run = async () => layers.deleteBySnapshot(snapshot);
    const what = `Layer "${layer.chainID}" has no snapshot "${snapshot}"`;
    return { kind: "layer", what, repair: { how: "forget that it is unpacked", run } };
  }
  const blob = (await storedLayer(parts, diffID, options.claimed)) ?? droppedLayer(parts, diffID)?.blob;
  const damage = snapshotter.isGone(snapshot)
    ? "its files are gone"
    : await damageOf(parts, lister, layer, blob, options);
  if (damage === undefined) return undefined;
  const names = await affectedImages(parts, ({ snapshots }) => snapshots.has(snapshot));
  return damaged(parts, layer, { blob, damage, names }, options);
}

async function damageOf(
  parts: CheckParts,
  lister: LayerLister,
  { diffID, snapshot }: LayerRecord,
  blob: Descriptor | undefined,
  { signal }: CallOptions,
): Promise<string | undefined> {
  try {
    const packed = await packedIdentity(parts, snapshot, { signal });
    const names: string[] = [diffID, droppedLayer(parts, diffID)?.packedAs?.digest ?? ""];
    if (names.includes(packed.diffID)) return undefined;
    if (blob === undefined) return `its files are another layer, "${packed.diffID}"`;
    const from = await lister.listBlob({ diffID, blob }, parts.images, { signal });
    return layerDamage(from, await lister.listSnapshot(snapshot, { signal, isHashed: true }));
  } catch (error) {
    signal?.throwIfAborted();
    // A damaged blob says nothing of the files, and is told of by itself.
    return isCode(error, "data_loss") ? undefined : `it cannot be read: ${errorMessage(error)}`;
  }
}

interface Damage {
  /** what the layer can be unpacked from */
  readonly blob: Descriptor | undefined;
  readonly damage: string;
  /** of the images that need it */
  readonly names: string;
}

/** While an image or a build step has the layer, a pull or a build would find it there and use it as it is. */
const anew = "remove its images, run `slipway builder prune --all`, and pull or build them again";

function damaged(
  parts: CheckParts,
  { chainID, diffID, snapshot }: LayerRecord,
  { blob, damage, names }: Damage,
  { isMounted, needed, signal }: Looking,
): Problem {
  const what = `Layer "${chainID}"${names === "" ? "" : ` of ${names}`}: ${damage}`;
  const problem: Problem = { kind: "layer", what };
  const { snapshotter } = parts;
  if (blob === undefined && needed.has(snapshot)) return { ...problem, advice: anew };
  if (blob === undefined)
    return {
      ...problem,
      repair: { how: "forget it: no image has it", run: async () => forget(parts, snapshot) },
    };
  if (!snapshotter.isGone(snapshot) && snapshotter.directories(snapshot).some(isMounted)) {
    return { ...problem, advice: "it is mounted: stop the containers that use it, and check again" };
  }
  const run = () =>
    snapshotter.restore(snapshot, (mounts) => applyStored(parts, blob, diffID, mounts, { signal }));
  return { ...problem, repair: { how: `unpack it again from "${blob.digest}"`, run } };
}

/** The collector takes the files, once nothing else stands on them. */
function forget({ layers, snapshotter, state }: CheckParts, snapshot: string): void {
  if (snapshotter.isGone(snapshot)) snapshotter.dropGone();
  layers.deleteBySnapshot(snapshot);
  state.db.run("DELETE FROM build_cache WHERE snapshot = ?", snapshot);
}
