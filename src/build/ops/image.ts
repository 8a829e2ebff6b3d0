import { SlipwayError } from "../../errors.ts";
import type { LayerStore } from "../../image/layer-store.ts";
import { chainID, parseDiffID, type ChainID } from "../../oci/digest.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { cacheKeyOf, type OpHandler } from "../op-handler.ts";
import { hasSnapshot, type RootSource } from "../step-root.ts";
import type { ImageOp } from "../vertex.ts";

/** Unpacks the layers of a stored image: the name of the snapshot that holds them. */
export type UnpackImage = (
  image: ImageOp,
  options: CallOptions & { onProgress?: (text: string) => void },
) => Promise<string>;

/** A base image. Its key is what its layers hold: the same files under another name change nothing. */
export function imageHandler(
  parts: RootSource & { readonly layers: LayerStore; readonly unpackImage: UnpackImage },
): OpHandler<ImageOp> {
  return {
    cacheKey: (op) => Promise.resolve(cacheKeyOf([{ kind: "operation", name: "image", value: chainOf(op) }])),
    async lookup(op) {
      const snapshot = parts.layers.get(chainOf(op))?.snapshot;
      if (snapshot === undefined) return undefined;
      parts.lease.add(`snapshot/${snapshot}`);
      return (await hasSnapshot(parts.snapshotter, snapshot)) ? { snapshot } : undefined;
    },
    async exec(op, _inputs, { signal, progress }) {
      const snapshot = await parts.unpackImage(op, { signal, onProgress: (text) => progress(text) });
      parts.lease.add(`snapshot/${snapshot}`);
      return { snapshot };
    },
  };
}

function chainOf(op: ImageOp): ChainID {
  const chain = chainID(op.diffIDs.map(parseDiffID));
  if (chain === undefined) throw new SlipwayError("internal", `Image "${op.imageID}" has no layers`);
  return chain;
}
