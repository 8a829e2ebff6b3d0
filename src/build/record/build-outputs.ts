import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { SlipwayError } from "../../errors.ts";
import type { Sqlite } from "../../platform/sqlite.ts";
import type { WatchedEvent } from "./build-watch.ts";

/** The oldest go when there are more. */
const maxOutputs = 100;

/** What the last builds told while they ran, in table `build_outputs`. */
export class BuildOutputs {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  add(id: string, startedAt: number, events: readonly WatchedEvent[]): void {
    const body = zstdCompressSync(Buffer.from(JSON.stringify(events)));
    // What a power cut undoes of it is no loss.
    this.#db.unflushed(() => {
      this.#db.run("INSERT INTO build_outputs (id, started_at, body) VALUES (?, ?, ?)", id, startedAt, body);
      const kept = "SELECT id FROM build_outputs ORDER BY started_at DESC LIMIT ?";
      this.#db.run(`DELETE FROM build_outputs WHERE id NOT IN (${kept})`, maxOutputs);
    });
  }

  /** Throws `not_found`: it is too old. */
  read(id: string): WatchedEvent[] {
    const [row] = this.#db.all<{ body: Uint8Array }>("SELECT body FROM build_outputs WHERE id = ?", id);
    if (row === undefined)
      throw new SlipwayError("not_found", `The output of build ${id} is not kept any more`);
    return JSON.parse(zstdDecompressSync(row.body).toString()) as WatchedEvent[];
  }
}
