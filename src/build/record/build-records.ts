import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { SlipwayError } from "../../errors.ts";
import type { Sqlite } from "../../platform/sqlite.ts";
import { advise } from "./advise.ts";
import type { BuildRecord, BuildReport } from "./build-record.ts";

/** The oldest records go when there are more. */
const maxRecords = 500;
/** How many builds of a project advice looks back on. */
const advisedBuilds = 20;

/** The builds of an engine, newest first, in table `build_records`. */
export class BuildRecords {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  add(record: BuildRecord): void {
    const body = zstdCompressSync(Buffer.from(JSON.stringify(record)));
    this.#db.transaction(() => {
      const sql = "INSERT INTO build_records (id, project, started_at, body) VALUES (?, ?, ?, ?)";
      this.#db.run(sql, record.id, record.project, record.startedAt, body);
      const kept = "SELECT id FROM build_records ORDER BY started_at DESC LIMIT ?";
      this.#db.run(`DELETE FROM build_records WHERE id NOT IN (${kept})`, maxRecords);
    });
  }

  list(): BuildRecord[] {
    return this.#read("SELECT body FROM build_records ORDER BY started_at DESC");
  }

  /** By the beginning of its ID; an empty one is the newest. Throws `not_found`, and `invalid_argument` when several begin so. */
  inspect(id: string): BuildReport {
    const wanted = /^[0-9a-f]*$/.test(id) ? id : "none";
    const sql = "SELECT body FROM build_records WHERE id LIKE ? || '%' ORDER BY started_at DESC LIMIT 2";
    const [record, second] = this.#read(sql, wanted);
    if (record === undefined) throw new SlipwayError("not_found", `No such build: ${id}`);
    if (second !== undefined && wanted !== "")
      throw new SlipwayError("invalid_argument", `Multiple builds found with provided prefix: ${id}`);
    return { ...record, advice: advise(this.#ofProject(record)) };
  }

  /** The record and those before it. */
  #ofProject({ project, startedAt }: BuildRecord): BuildRecord[] {
    const where = "project = ? AND started_at <= ?";
    const sql = `SELECT body FROM build_records WHERE ${where} ORDER BY started_at DESC LIMIT ?`;
    return this.#read(sql, project, startedAt, advisedBuilds);
  }

  #read(sql: string, ...values: (string | number)[]): BuildRecord[] {
    const rows = this.#db.all<{ body: Uint8Array }>(sql, ...values);
    return rows.map(({ body }) => JSON.parse(zstdDecompressSync(body).toString()) as BuildRecord);
  }
}
