import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Digest } from "../../oci/digest.ts";
import type { Sqlite } from "../../platform/sqlite.ts";
import type { CopiedTree } from "./plan-update.ts";

/** Older ones are not looked at. */
const maxCandidates = 3;

/**
 * The layers that a COPY made whole (table `copied_layers`), by the digest of the step without its files, for the next
 * of its kind to change instead of copying everything.
 */
export class CopiedLayers {
  readonly #db: Sqlite;
  readonly #manifest: (digest: string) => string | undefined;
  readonly #now: () => number;

  /** `manifest` reads the text of a file manifest by its digest. */
  constructor(db: Sqlite, manifest: (digest: string) => string | undefined, now: () => number) {
    this.#db = db;
    this.#manifest = manifest;
    this.#now = now;
  }

  /** Newest first; those whose manifest is gone are left out. Whether their snapshots still stand is not asked. */
  *find(opKey: Digest): Generator<CopiedTree & { readonly snapshot: string }> {
    const columns = "snapshot, manifest, mtimes";
    const order = "ORDER BY created_at DESC LIMIT ?";
    const sql = `SELECT ${columns} FROM copied_layers WHERE op_key = ? ${order}`;
    for (const { snapshot, manifest, mtimes } of this.#db.all<Row>(sql, opKey, maxCandidates)) {
      const text = this.#manifest(manifest);
      if (text === undefined) continue;
      const bytes = zstdDecompressSync(mtimes);
      yield { snapshot, text, mtimes: new BigInt64Array(new Uint8Array(bytes).buffer) };
    }
  }

  /** The committed `snapshot` holds the files of the manifest, and nothing else that the step could have made. */
  add(opKey: Digest, snapshot: string, manifest: Digest, mtimes: BigInt64Array): void {
    const columns = "snapshot, op_key, manifest, mtimes, created_at";
    const bytes = zstdCompressSync(new Uint8Array(mtimes.buffer));
    const sql = `INSERT OR REPLACE INTO copied_layers (${columns}) VALUES (?, ?, ?, ?, ?)`;
    this.#db.unflushed(() => this.#db.run(sql, snapshot, opKey, manifest, bytes, this.#now()));
  }
}

interface Row {
  readonly snapshot: string;
  readonly manifest: string;
  readonly mtimes: Uint8Array;
}
