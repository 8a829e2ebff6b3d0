import { existsSync } from "node:fs";
import type { KeyedMutex } from "../../internal/keyed-mutex.ts";
import type { Differ } from "../../layer/differ.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import type { Digest } from "../../oci/digest.ts";
import type { Lease } from "../../state/leases.ts";
import type { Layer } from "../image-layers.ts";
import { cacheMountPath } from "../ops/cache-mount.ts";

/** The contents of a cache mount as a layer in the content store; undefined when there is no such mount. */
export type PackMount = (id: string, options: CallOptions) => Promise<Layer | undefined>;

export interface PackMountParts {
  readonly differ: Pick<Differ, "compare">;
  readonly cacheDir: string;
  readonly cacheLocks: KeyedMutex;
  readonly lease: Lease;
}

/** Packs cache mounts while no step holds them alone. */
export function mountPacker({ differ, cacheDir, cacheLocks, lease }: PackMountParts): PackMount {
  return async (id, { signal }) => {
    const { name, path } = cacheMountPath(cacheDir, id);
    if (!existsSync(path)) return undefined;
    using _alone = await cacheLocks.lock(`cache ${name}`);
    const mounts = [{ type: "bind", source: path, options: ["rbind", "rw"] }];
    const hold = (digest: Digest) => lease.add(`blob/${digest}`);
    const packed = await differ.compare(mounts, { signal, hold });
    return { descriptor: packed.layer, diffID: packed.diffID };
  };
}
