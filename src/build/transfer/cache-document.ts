import { parseDigest, type Digest } from "../../oci/digest.ts";
import { JsonReader } from "../../oci/json-shape.ts";

/** The member of an image config that holds a cache. */
export const cacheMember = "vnd.slipway.buildcache.v1";

/** The result of one step. No text of the step, no argument, no file name: keys are digests. */
export interface TransferRecord {
  readonly key: Digest;
  /** What later steps key on. */
  readonly result: Digest;
  /** ms since the epoch */
  readonly created: number;
  /** ms it took */
  readonly took: number;
  /** Its filesystem, bottom first: positions among the `diff_ids` of the config. */
  readonly layers: readonly number[];
}

/** The contents of a cache mount: one layer by itself. */
export interface TransferMount {
  readonly id: string;
  readonly layer: number;
}

/** What a cache knows. It lies in the config of an image whose layers are those of the records. */
export interface CacheDocument {
  readonly records: readonly TransferRecord[];
  readonly mounts?: readonly TransferMount[];
}

const maxConfig = 8 << 20;

/** The cache in an untrusted image config; undefined when there is none. Throws `invalid_argument`. */
export function parseCacheDocument(config: Uint8Array): CacheDocument | undefined {
  const json = JsonReader.parse(config, "image config", maxConfig);
  const member = json.member(cacheMember);
  if (member.absent) return undefined;
  const count = json
    .member("rootfs")
    .member("diff_ids")
    .list((item) => item.string()).length;
  const position = (item: JsonReader): number => {
    const at = item.integer(0);
    return at < count ? at : item.fail("names a layer that is not there");
  };
  return {
    records: member.member("records").list((item) => ({
      key: parseDigest(item.member("key").string()),
      result: parseDigest(item.member("result").string()),
      created: item.member("created").integer(0),
      took: item.member("took").integer(0),
      layers: item.member("layers").list(position),
    })),
    mounts: member.member("mounts").list((item) => ({
      id: item.member("id").string(),
      layer: position(item.member("layer")),
    })),
  };
}
