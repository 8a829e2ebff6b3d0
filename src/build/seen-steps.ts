import { zstdCompressSync } from "node:zlib";
import type { Digest } from "../oci/digest.ts";
import type { Sqlite } from "../platform/sqlite.ts";
import type { CacheKey, KeyPart } from "./op-handler.ts";

/** What went into a step when it was last a hit or was carried out. */
export interface SeenStep {
  readonly key: Digest;
  readonly parts: readonly KeyPart[];
  /** Digest of the file manifest. */
  readonly manifest?: string;
}

/** A step of a build that came to its result. */
export interface StepOfBuild {
  /** The step as written, in its project and stage. */
  readonly step: string;
  /** Where it stood: project, stage, number. */
  readonly place: string;
  readonly key: CacheKey;
}

interface Row {
  readonly key: string;
  readonly inputs: string;
  readonly manifest: string | null;
}

/** The oldest go when there are more. */
const maxSteps = 5000;

/**
 * The steps of each project as they were last, whoever made their results and whether those are still there (table
 * `build_seen`): what a miss is explained from.
 */
export class SeenSteps {
  readonly #db: Sqlite;
  readonly #now: () => number;

  constructor(db: Sqlite, now: () => number) {
    this.#db = db;
    this.#now = now;
  }

  ofStep(step: string): SeenStep | undefined {
    return this.#last("step", step);
  }

  /** Whatever step stood there. */
  atPlace(place: string): SeenStep | undefined {
    return this.#last("place", place);
  }

  /** Remembers the steps of a build. Writes nothing for those that were the same last time. */
  add(steps: readonly StepOfBuild[]): void {
    const changed = steps.filter(({ step, place, key }) => !this.#isKnown(step, place, key.digest));
    if (changed.length === 0) return;
    this.#db.unflushed(() => {
      for (const step of changed) this.#put(step);
      const kept = "SELECT step FROM build_seen ORDER BY at DESC LIMIT ?";
      this.#db.run(`DELETE FROM build_seen WHERE step NOT IN (${kept})`, maxSteps);
    });
  }

  #isKnown(step: string, place: string, key: Digest): boolean {
    const sql = "SELECT 1 FROM build_seen WHERE step = ? AND place = ? AND key = ?";
    return this.#db.get(sql, step, place, key) !== undefined;
  }

  #put({ step, place, key }: StepOfBuild): void {
    const { digest, parts, manifest } = key;
    if (
      manifest !== undefined &&
      this.#db.get("SELECT 1 FROM build_manifests WHERE digest = ?", manifest.digest) === undefined
    ) {
      const body = zstdCompressSync(Buffer.from(manifest.text));
      this.#db.run("INSERT INTO build_manifests (digest, body) VALUES (?, ?)", manifest.digest, body);
    }
    const sql = `INSERT OR REPLACE INTO build_seen (step, place, key, inputs, manifest, at) VALUES (?, ?, ?, ?, ?, ?)`;
    this.#db.run(sql, step, place, digest, JSON.stringify(parts), manifest?.digest ?? null, this.#now());
  }

  #last(column: "step" | "place", value: string): SeenStep | undefined {
    const columns = "key, inputs, manifest";
    const sql = `SELECT ${columns} FROM build_seen WHERE ${column} = ? ORDER BY at DESC LIMIT 1`;
    const row = this.#db.get<Row>(sql, value);
    if (row === undefined) return undefined;
    const { key, inputs, manifest } = row;
    return {
      key: key as Digest,
      parts: JSON.parse(inputs) as KeyPart[],
      ...(manifest !== null && { manifest }),
    };
  }
}
