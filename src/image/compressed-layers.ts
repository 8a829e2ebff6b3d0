import type { Descriptor } from "../oci/descriptor.ts";
import { parseDiffID, type DiffID, type Digest } from "../oci/digest.ts";
import type { Sqlite } from "../platform/sqlite.ts";

interface CompressedRow {
  readonly digest: string;
  readonly diff_id: string;
  readonly media_type: string;
  readonly size: number;
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

  add(diffID: DiffID, blob: Descriptor): void {
    const sql =
      "INSERT INTO compressed (digest, diff_id, media_type, size) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    this.#db.run(sql, blob.digest, diffID, blob.mediaType, blob.size);
  }

  /** Blobs that hold the layer, in a fixed order. Whether they are still in the content store is for the caller to ask. */
  blobsOf(diffID: DiffID): Descriptor[] {
    const rows = this.#db.all<CompressedRow>(
      "SELECT * FROM compressed WHERE diff_id = ? ORDER BY digest",
      diffID,
    );
    return rows.map(({ digest, media_type, size }) => ({
      mediaType: media_type,
      digest: digest as Digest,
      size,
    }));
  }

  list(): { digest: Digest; diffID: DiffID }[] {
    const rows = this.#db.all<CompressedRow>("SELECT * FROM compressed ORDER BY digest");
    return rows.map(({ digest, diff_id }) => ({ digest: digest as Digest, diffID: parseDiffID(diff_id) }));
  }

  delete(digest: Digest): void {
    this.#db.run("DELETE FROM compressed WHERE digest = ?", digest);
  }
}
