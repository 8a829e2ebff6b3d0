import { parseDiffID, type ChainID, type DiffID } from "../oci/digest.ts";
import type { Sqlite } from "../platform/sqlite.ts";

/** A stack of layers that we hold as a committed snapshot. */
export interface LayerRecord {
  readonly chainID: ChainID;
  /** The topmost layer of the stack. */
  readonly diffID: DiffID;
  readonly parent?: ChainID;
  /** Name of the committed snapshot. The layer it adds is the topmost, its parents hold the others. */
  readonly snapshot: string;
  /** Bytes the topmost layer's files use on disk, without its parents. */
  readonly size: number;
  /** Bytes in the topmost layer's regular files: its size as Docker counts. Undefined: not measured yet. */
  readonly contentSize?: number;
}

interface LayerRow {
  readonly chain_id: string;
  readonly diff_id: string;
  readonly parent: string | null;
  readonly snapshot: string;
  readonly size: number;
  readonly content_size: number | null;
}

/** ChainIDs and the snapshots that hold them (table `layers`). A record is added after its snapshot was committed. */
export class LayerStore {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  get(chainID: ChainID): LayerRecord | undefined {
    const row = this.#db.get<LayerRow>("SELECT * FROM layers WHERE chain_id = ?", chainID);
    return row === undefined ? undefined : layerOf(row);
  }

  /** Some stack whose topmost layer is `diffID`: its snapshot's own files are that layer. */
  byDiffID(diffID: DiffID): LayerRecord | undefined {
    const row = this.#db.get<LayerRow>("SELECT * FROM layers WHERE diff_id = ? LIMIT 1", diffID);
    return row === undefined ? undefined : layerOf(row);
  }

  /** The first snapshot that holds a ChainID is kept: adding it again changes nothing. */
  add(layer: LayerRecord): void {
    const sql = `INSERT INTO layers (chain_id, diff_id, parent, snapshot, size, content_size) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING`;
    const { chainID, diffID, parent, snapshot, size, contentSize } = layer;
    // The record of the image that needs it comes later, and seals it.
    this.#db.unflushed(() => {
      this.#db.run(sql, chainID, diffID, parent ?? null, snapshot, size, contentSize ?? null);
    });
  }

  list(): LayerRecord[] {
    return this.#db.all<LayerRow>("SELECT * FROM layers ORDER BY chain_id").map(layerOf);
  }

  setContentSize(chainID: ChainID, bytes: number): void {
    this.#db.unflushed(() => {
      this.#db.run("UPDATE layers SET content_size = ? WHERE chain_id = ?", bytes, chainID);
    });
  }

  /** Call it before the snapshot goes. Idempotent. */
  deleteBySnapshot(snapshot: string): void {
    this.#db.run("DELETE FROM layers WHERE snapshot = ?", snapshot);
  }
}

function layerOf(row: LayerRow): LayerRecord {
  return {
    chainID: row.chain_id as ChainID,
    diffID: parseDiffID(row.diff_id),
    snapshot: row.snapshot,
    size: row.size,
    ...(row.content_size !== null && { contentSize: row.content_size }),
    ...(row.parent !== null && { parent: row.parent as ChainID }),
  };
}
