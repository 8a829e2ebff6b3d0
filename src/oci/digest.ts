import { SlipwayError } from "../errors.ts";
import { hashHex } from "../platform/hash.ts";

type Brand<T, B extends string> = T & { readonly [brand]: B };
declare const brand: unique symbol;

/** Names a blob as stored: `sha256:<64 hex>` or `sha512:<128 hex>` (image-spec, descriptor.md, "Digests"). */
export type Digest = Brand<`${"sha256" | "sha512"}:${string}`, "Digest">;
/** Names an uncompressed layer tar (image-spec, config.md, "Layer DiffID"). */
export type DiffID = Brand<`sha256:${string}`, "DiffID">;
/** Names an applied stack of layers (image-spec, config.md, "Layer ChainID"). */
export type ChainID = Brand<`sha256:${string}`, "ChainID">;

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Whether it is a digest of an algorithm we verify, in lower-case hex. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/** Throws `invalid_argument` unless `text` is a digest of an algorithm we verify, in lower-case hex. */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new SlipwayError("invalid_argument", `Invalid digest "${text}"`);
  return text;
}

/** A digest that is known to be the digest of an uncompressed layer. Throws as {@link parseDigest}. */
export function parseDiffID(text: string): DiffID {
  if (!/^sha256:[0-9a-f]{64}$/.test(text))
    throw new SlipwayError("invalid_argument", `Invalid diffID "${text}"`);
  return text as unknown as DiffID;
}

/** The algorithm and the hex part. */
export function splitDigest(digest: Digest): { algorithm: "sha256" | "sha512"; hex: string } {
  const colon = digest.indexOf(":");
  return { algorithm: digest.slice(0, colon) as "sha256" | "sha512", hex: digest.slice(colon + 1) };
}

/** The digest of these bytes; of a text, of its UTF-8. */
export function digestOf(data: string | Uint8Array, algorithm: "sha256" | "sha512" = "sha256"): Digest {
  return `${algorithm}:${hashHex(algorithm, data)}` as Digest;
}

/**
 * ChainID of a stack of layers, bottom first (image-spec, config.md, "Layer ChainID"):
 * `ChainID(L0) = DiffID(L0)`, `ChainID(L0|…|Ln) = sha256(ChainID(L0|…|Ln-1) + " " + DiffID(Ln))`.
 * Undefined for no layers: `FROM scratch` has nothing applied.
 */
export function chainID(diffIDs: readonly DiffID[]): ChainID | undefined {
  let chain: string | undefined;
  for (const diffID of diffIDs) chain = chain === undefined ? diffID : digestOf(`${chain} ${diffID}`);
  return chain as ChainID | undefined;
}
