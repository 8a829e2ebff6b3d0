import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileContentStore } from "../../content/file-content-store.ts";
import { OverlayDiffer } from "../../layer/overlay-differ.ts";
import { OverlaySnapshotter } from "../../snapshot/overlay-snapshotter.ts";
import { Leases } from "../../state/leases.ts";
import { State } from "../../state/state.ts";
import { openImageParts } from "../open-image-parts.ts";

/** Everything images need, over a temporary directory that goes on dispose. For tests. */
export async function tempImageParts() {
  const root = await mkdtemp(join(tmpdir(), "slipway-image-"));
  const content = await FileContentStore.open(join(root, "content"));
  const state = State.open(join(root, "state.db"));
  const leases = new Leases(state.db);
  const userXattrs = process.getuid?.() !== 0;
  const snapshotter = OverlaySnapshotter.open({ root: join(root, "snapshots"), db: state.db, userXattrs });
  const differ = new OverlayDiffer({ store: content });
  const parts = openImageParts({ content, state, leases, snapshotter, differ });
  const end = async (): Promise<void> => {
    await differ[Symbol.asyncDispose]();
    await snapshotter[Symbol.asyncDispose]();
    state[Symbol.dispose]();
    await rm(root, { recursive: true, force: true });
  };
  return { ...parts, root, state, snapshotter, differ, [Symbol.asyncDispose]: end };
}
