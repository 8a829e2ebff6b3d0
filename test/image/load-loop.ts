/** Loads the archive into the root, unpacks it, forgets it, and so on, until it is killed. */
import { createReadStream } from "node:fs";
import { loadArchive } from "../../src/image/archive/load-archive.ts";
import { collectGarbage } from "../../src/image/collect-garbage.ts";
import { copyAndUnpack } from "../../src/image/copy-and-unpack.ts";
import { openRoot } from "./open-root.ts";

const [root = "", archive = ""] = process.argv.slice(2);
await using parts = await openRoot(root);
console.log("open");
for (;;) {
  for (const { id } of await loadArchive(createReadStream(archive), parts)) {
    using lease = parts.leases.create("run");
    await copyAndUnpack(parts.images, id, parts, undefined, { lease });
    parts.images.delete(id);
  }
  await collectGarbage({ ...parts, snapshotsInUse: () => [] });
}
