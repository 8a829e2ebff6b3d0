import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BuildCache } from "../build/cache.ts";
import { FileContentStore } from "../content/file-content-store.ts";
import { cleanStart } from "../image/clean-start.ts";
import { CompressedLayers } from "../image/compressed-layers.ts";
import { ImageRecords } from "../image/image-records.ts";
import { ImageStore } from "../image/image-store.ts";
import { LayerStore } from "../image/layer-store.ts";
import { LazyLayers } from "../image/lazy-layers.ts";
import { measureLayers } from "../image/measure-layers.ts";
import { PushCompressor } from "../image/push-compressor.ts";
import { snapshotPacker } from "../image/snapshot-packer.ts";
import { Unpacker } from "../image/unpacker.ts";
import { OverlayDiffer } from "../layer/overlay-differ.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import { Leases } from "../state/leases.ts";
import { State } from "../state/state.ts";
import { fetchAgain, type FetchAgainParts } from "./images/fetch-again.ts";
import { expectDatabase } from "./expect-database.ts";
import { keepMountedImages } from "./images/kept-views.ts";

/** Everything an engine keeps of images: content, snapshots, records. */
export type Stores = Awaited<ReturnType<typeof openStores>>;

export interface StoresOptions {
  readonly userXattrs: boolean;
  /** For layers whose blobs were given up. */
  readonly registries: FetchAgainParts["registries"];
}

/**
 * Opens the stores below `root` and cleans up what an earlier run left unfinished. The caller holds the root's lock
 * and disposes `state`, `differ` and `snapshotter`.
 */
export async function openStores(root: string, { userXattrs, registries }: StoresOptions) {
  await mkdir(root, { recursive: true, mode: 0o711 });
  await expectDatabase(root);
  const state = State.open(join(root, "state.db"));
  const leases = new Leases(state.db);
  const content = await FileContentStore.open(join(root, "content"));
  const snapshotter = OverlaySnapshotter.open({ root: join(root, "snapshots"), db: state.db, userXattrs });
  const differ = new OverlayDiffer({ store: content });
  const layers = new LayerStore(state.db);
  await cleanStart({ leases, content }, new Date());
  await measureLayers({ layers, snapshotter });
  await keepMountedImages({ snapshotter, leases });
  const compressed = new CompressedLayers(state.db);
  const records = new ImageRecords(state.db);
  const pack = snapshotPacker({ snapshotter, differ, leases });
  const origins = { content, records, registries };
  const lazy = new LazyLayers({ content, layers, compressed, pack, fetchAgain: fetchAgain(origins) });
  const images = new ImageStore({ content, records, lazy });
  const unpacker = new Unpacker({ differ, snapshotter, layers, compressed, leases });
  const buildCache = new BuildCache(state.db, Date.now);
  const compressor = new PushCompressor({ content, images, compressed, lazy });
  return {
    state,
    leases,
    content,
    snapshotter,
    differ,
    layers,
    compressed,
    lazy,
    images,
    unpacker,
    compressor,
    buildCache,
    origins,
  };
}
