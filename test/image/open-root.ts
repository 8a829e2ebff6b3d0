import { join } from "node:path";
import { FileContentStore } from "../../src/content/file-content-store.ts";
import { cleanStart } from "../../src/image/clean-start.ts";
import { collectGarbage } from "../../src/image/collect-garbage.ts";
import { openImageParts } from "../../src/image/open-image-parts.ts";
import { OverlayDiffer } from "../../src/layer/overlay-differ.ts";
import { OverlaySnapshotter } from "../../src/snapshot/overlay-snapshotter.ts";
import { Leases } from "../../src/state/leases.ts";
import { lockRoot } from "../../src/state/lock-root.ts";
import { State } from "../../src/state/state.ts";

/** Opens the images of a root as an engine does at its start: lock, clean, collect. */
export async function openRoot(root: string) {
  const lock = lockRoot(root);
  const state = State.open(join(root, "state.db"));
  const leases = new Leases(state.db);
  const content = await FileContentStore.open(join(root, "content"));
  await cleanStart({ leases, content }, new Date());
  const userXattrs = process.getuid?.() !== 0;
  const snapshotter = OverlaySnapshotter.open({ root: join(root, "snapshots"), db: state.db, userXattrs });
  const differ = new OverlayDiffer({ store: content });
  const parts = openImageParts({ content, state, leases, snapshotter, differ });
  const collected = await collectGarbage({ ...parts, snapshotsInUse: () => [] });
  const close = async (): Promise<void> => {
    await differ[Symbol.asyncDispose]();
    await snapshotter[Symbol.asyncDispose]();
    state[Symbol.dispose]();
    lock[Symbol.dispose]();
  };
  return { ...parts, state, snapshotter, differ, collected, [Symbol.asyncDispose]: close };
}
