import type { Descriptor } from "../oci/descriptor.ts";
import { parseDiffID, type DiffID, type Digest } from "../oci/digest.ts";
import type { Sqlite } from "../platform/sqlite.ts";
import type { Recipe } from "./layer-compressor.ts";

interface CompressedRow {
  readonly digest: string;
  readonly diff_id: string;
  readonly media_type: string;
  readonly size: number;
  readonly recipe: string | null;
  readonly dropped: number;
  readonly packed_as: string | null;
  readonly packed_size: number | null;
}

/** A compressed blob that is known to hold a layer. */
export interface CompressedLayer {
  readonly blob: Descriptor;
  readonly diffID: DiffID;
  /** Of one that was made here; of a dropped one, only when it is made again from the layer's files. */
  readonly recipe?: Recipe;
  /** It was given up: it can be made or fetched again. */
  readonly isDropped: boolean;
  /** Of a dropped one: the tar that packing the layer's files gave then, to make it of, or to check them by. */
  readonly packedAs?: PackedAs;
}

/** An uncompressed tar: the digest is its diffID. `size` in bytes. */
export interface PackedAs {
  readonly digest: Digest;
  readonly size: number;
}

/** How a blob that is given up is had again. */
export interface HadAgain {
  readonly again: "made" | "fetched";
  /** What packing the layer's files gives. */
  readonly packedAs: PackedAs;
}

/**
 * Which compressed blobs hold which layer (table `compressed`). Only what was proven is recorded: the blob was made
 * from the layer, or was unpacked and gave that diffID.
 */
export class CompressedLayers {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** `recipe`: of a blob that was made here. What is known already stays. */
  add(diffID: DiffID, blob: Descriptor, recipe?: Recipe): void {
    const sql = `INSERT INTO compressed (digest, diff_id, media_type, size, recipe) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET recipe = coalesce(recipe, excluded.recipe)`;
    const made = recipe === undefined ? null : JSON.stringify(recipe);
    this.#db.run(sql, blob.digest, diffID, blob.mediaType, blob.size, made);
  }

  find(digest: Digest): CompressedLayer | undefined {
    const row = this.#db.get<CompressedRow>("SELECT * FROM compressed WHERE digest = ?", digest);
    return row === undefined ? undefined : layerOf(row);
  }

  /** What holds the layer, in a fixed order. */
  of(diffID: DiffID): CompressedLayer[] {
    const sql = "SELECT * FROM compressed WHERE diff_id = ? ORDER BY digest";
    return this.#db.all<CompressedRow>(sql, diffID).map(layerOf);
  }

  /** Blobs that hold the layer, in a fixed order. Whether they are still in the content store is for the caller to ask. */
  blobsOf(diffID: DiffID): Descriptor[] {
    return this.of(diffID).map(({ blob }) => blob);
  }

  list(): CompressedLayer[] {
    return this.#db.all<CompressedRow>("SELECT * FROM compressed ORDER BY digest").map(layerOf);
  }

  /** Before the blob goes: from now on nobody counts on it. */
  setDropped(digest: Digest, { again, packedAs }: HadAgain): void {
    const recipe = again === "made" ? "recipe" : "NULL";
    const sql = `UPDATE compressed SET dropped = 1, packed_as = ?, packed_size = ?, recipe = ${recipe} WHERE digest = ?`;
    this.#db.run(sql, packedAs.digest, packedAs.size, digest);
  }

  delete(digest: Digest): void {
    this.#db.run("DELETE FROM compressed WHERE digest = ?", digest);
  }
}

function layerOf(row: CompressedRow): CompressedLayer {
  const { digest, diff_id, media_type, size, recipe, dropped, packed_as, packed_size } = row;
  return {
    blob: { mediaType: media_type, digest: digest as Digest, size },
    diffID: parseDiffID(diff_id),
    ...(recipe !== null && { recipe: JSON.parse(recipe) as Recipe }),
    isDropped: dropped !== 0,
    ...(packed_as !== null && { packedAs: { digest: packed_as as Digest, size: packed_size ?? 0 } }),
  };
}
