import { SlipwayError } from "../errors.ts";
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
    const known = this.#known(snapshot);
    return known ?? (await this.#flights.run(snapshot, () => this.#hash(snapshot, options)));
  }

  #known(snapshot: string): LayerIdentity | undefined {
    const sql = "SELECT diff_id, size FROM snapshot_layers WHERE snapshot = ?";
    const row = this.#parts.db.get<{ diff_id: string; size: number }>(sql, snapshot);
    return row === undefined ? undefined : { diffID: parseDiffID(row.diff_id), size: row.size };
  }

  async #hash(snapshot: string, options: CallOptions): Promise<LayerIdentity> {
    const { snapshotter, leases, differ, db } = this.#parts;
    const key = `hash-${crypto.randomUUID()}`;
    using lease = leases.create("hash");
    lease.add(`snapshot/${key}`);
    const mounts = await snapshotter.view(key, snapshot);
    try {
      const identity = await differ.hashTree([ownDirectory(snapshot, mounts)], options);
      const sql = "INSERT OR REPLACE INTO snapshot_layers (snapshot, diff_id, size) VALUES (?, ?, ?)";
      db.run(sql, snapshot, identity.diffID, identity.size);
      return identity;
    } finally {
      await snapshotter.remove(key);
    }
  }
}

/** The directory of the snapshot's own files: what a view binds, or the first of an overlay's lower directories. */
function ownDirectory(snapshot: string, mounts: readonly Mount[]): Mount {
  const [mount] = mounts;
  const lower = mount?.options.find((option) => option.startsWith("lowerdir="))?.slice("lowerdir=".length);
  const first = /^(?:\\.|[^:\\])+/.exec(lower ?? "")?.[0].replace(/\\(.)/g, "$1");
  const source = mount?.type === "overlay" ? first : mount?.source;
  if (source === undefined) throw new SlipwayError("internal", `Snapshot "${snapshot}" has no directory`);
  const marks = mount?.options.filter((option) => option === "userxattr") ?? [];
  return { type: "bind", source, options: ["rbind", "rw", ...marks] };
}
