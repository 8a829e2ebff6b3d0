import { expect, test } from "bun:test";
import { chainID, digestOf, parseDiffID } from "../oci/digest.ts";
import type { ImageConfig } from "../oci/image-config.ts";
import { imageHistory, layerSizes } from "./history.ts";
import { openImageStore } from "./testing/open-image-store.ts";

const diffIDs = ["a", "b"].map((text) => parseDiffID(digestOf(text)));
const config: ImageConfig = {
  architecture: "amd64",
  os: "linux",
  rootfs: { type: "layers", diff_ids: diffIDs },
  history: [
    { created: "2024-01-01T00:00:00Z", created_by: "ADD a", comment: "first" },
    { created: "nonsense", created_by: "ENV x=1", empty_layer: true },
    { created_by: "ADD b" },
  ],
};

test("imageHistory() is newest first, and only the newest has an ID and names", () => {
  const id = digestOf("image");
  const items = imageHistory({ id, config, tags: ["app:1"] }, [10, 20]);
  expect(items).toEqual([
    { Id: id, Created: 0, CreatedBy: "ADD b", Tags: ["app:1"], Size: 20, Comment: "" },
    { Id: "<missing>", Created: 0, CreatedBy: "ENV x=1", Tags: null, Size: 0, Comment: "" },
    { Id: "<missing>", Created: 1704067200, CreatedBy: "ADD a", Tags: null, Size: 10, Comment: "first" },
  ]);
});

test("layerSizes() finds each layer by its ChainID", () => {
  using t = openImageStore();
  const [a, b] = diffIDs;
  const chain = chainID(diffIDs);
  if (a === undefined || b === undefined || chain === undefined) throw new Error("no layers");
  t.layers.add({ chainID: chain, diffID: b, snapshot: "s", size: 4096, contentSize: 42 });
  expect(layerSizes(config, t.layers)).toEqual([0, 42]);
});
