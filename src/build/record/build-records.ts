import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { SlipwayError } from "../../errors.ts";
import type { Sqlite } from "../../platform/sqlite.ts";
import { advise } from "./advise.ts";
import type { BuildRecord, BuildReport } from "./build-record.ts";
import { findStep } from "./find-step.ts";
import type { StepPlace } from "./step-place.ts";

/** The oldest records go when there are more. */
const maxRecords = 500;
/** How many builds of a project advice looks back on. */
const advisedBuilds = 20;

/** Records of older engines have no places. JSON has null for a step without one. */
type StoredRecord = BuildRecord & { readonly places?: readonly (StepPlace | null)[] };

/** The builds of an engine, newest first, in table `build_records`. */
export class BuildRecords {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** `places`: where the results of its steps are, beside them. */
  add(record: BuildRecord, places: readonly (StepPlace | undefined)[] = []): void {
    const body = zstdCompressSync(Buffer.from(JSON.stringify({ ...record, places })));
    // What a power cut undoes of it is no loss.
    this.#db.unflushed(() => {
      const sql = "INSERT INTO build_records (id, project, started_at, body) VALUES (?, ?, ?, ?)";
      this.#db.run(sql, record.id, record.project, record.startedAt, body);
      const kept = "SELECT id FROM build_records ORDER BY started_at DESC LIMIT ?";
      this.#db.run(`DELETE FROM build_records WHERE id NOT IN (${kept})`, maxRecords);
    });
  }

  list(): BuildRecord[] {
    const records = this.#read("SELECT body FROM build_records ORDER BY started_at DESC");
    return records.map(({ places: _places, ...record }) => record);
  }

  /** By the beginning of its ID; an empty one is the newest. Throws `not_found`, and `invalid_argument` when several begin so. */
  inspect(id: string): BuildReport {
    const wanted = /^[0-9a-f]*$/.test(id) ? id : "none";
    const sql = "SELECT body FROM build_records WHERE id LIKE ? || '%' ORDER BY started_at DESC LIMIT 2";
    const [record, second] = this.#read(sql, wanted);
    if (record === undefined) throw new SlipwayError("not_found", `No such build: ${id}`);
    if (second !== undefined && wanted !== "")
      throw new SlipwayError("invalid_argument", `Multiple builds found with provided prefix: ${id}`);
    const { places: _places, ...shown } = record;
    return { ...shown, advice: advise(this.#ofProject(record)) };
  }

  /**
   * Where the result of a step is: `3/7`, `3`, `build 3/7` or `build/3` of the build whose ID begins so. Throws
   * `not_found`.
   */
  place(id: string, step: string): StepPlace {
    const { id: full, steps } = this.inspect(id);
    const sql = "SELECT body FROM build_records WHERE id = ?";
    const [record] = this.#read(sql, full);
    const at = findStep(steps, step);
    if (at === undefined) throw new SlipwayError("not_found", `No such step in build ${full}: ${step}`);
    const place = record?.places?.[at];
    if (place === undefined || place === null)
      throw new SlipwayError("not_found", `Build ${full} kept no files of step ${step}`);
    return place;
  }

  /** The record and those before it. */
  #ofProject({ project, startedAt }: BuildRecord): BuildRecord[] {
    const where = "project = ? AND started_at <= ?";
    const sql = `SELECT body FROM build_records WHERE ${where} ORDER BY started_at DESC LIMIT ?`;
    return this.#read(sql, project, startedAt, advisedBuilds);
  }

  #read(sql: string, ...values: (string | number)[]): StoredRecord[] {
    const rows = this.#db.all<{ body: Uint8Array }>(sql, ...values);
    return rows.map(({ body }) => JSON.parse(zstdDecompressSync(body).toString()) as StoredRecord);
  }
}
