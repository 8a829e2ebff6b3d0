import { SingleFlight } from "../internal/single-flight.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { parseDiffID, type DiffID } from "../oci/digest.ts";
import type { Mount } from "../oci/mount.ts";
import type { Sqlite } from "../platform/sqlite.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Leases } from "../state/leases.ts";

/** A snapshot's own files as a layer: the name of its uncompressed tar and its size in bytes. */
export interface LayerIdentity {
  readonly diffID: DiffID;
  readonly size: number;
  /** Bytes in its regular files, hard links once. */
  readonly contentBytes: number;
}

export interface LayerHashesParts {
  readonly db: Sqlite;
  readonly snapshotter: Snapshotter;
  readonly leases: Leases;
  readonly differ: { hashTree(mounts: readonly Mount[], options?: CallOptions): Promise<LayerIdentity> };
}

/** Hashes committed snapshots as layers, each once; table `snapshot_layers` remembers. */
export class LayerHashes {
  readonly #parts: LayerHashesParts;
  readonly #flights = new SingleFlight<LayerIdentity>();

  constructor(parts: LayerHashesParts) {
    this.#parts = parts;
  }

  async of(snapshot: string, options: CallOptions): Promise<LayerIdentity> {
    const known = this.known(snapshot);
    return known ?? (await this.#flights.run(snapshot, () => this.#hash(snapshot, options)));
  }

  /** Undefined when the snapshot was not hashed yet. */
  known(snapshot: string): LayerIdentity | undefined {
    const sql = "SELECT diff_id, size, content_bytes FROM snapshot_layers WHERE snapshot = ?";
    const row = this.#parts.db.get<LayerRow>(sql, snapshot);
    if (row === undefined || row.content_bytes === null) return undefined;
    return { diffID: parseDiffID(row.diff_id), size: row.size, contentBytes: row.content_bytes };
  }

  async #hash(snapshot: string, options: CallOptions): Promise<LayerIdentity> {
    const { snapshotter, leases, differ, db } = this.#parts;
    using lease = leases.create("hash");
    lease.add(`snapshot/${snapshot}`);
    const identity = await differ.hashTree(await snapshotter.layer(snapshot), options);
    const columns = "snapshot, diff_id, size, content_bytes";
    const sql = `INSERT OR REPLACE INTO snapshot_layers (${columns}) VALUES (?, ?, ?, ?)`;
    db.unflushed(() => db.run(sql, snapshot, identity.diffID, identity.size, identity.contentBytes));
    return identity;
  }
}

interface LayerRow {
  readonly diff_id: string;
  readonly size: number;
  readonly content_bytes: number | null;
}
