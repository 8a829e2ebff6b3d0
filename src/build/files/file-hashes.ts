import type { Sqlite } from "../../platform/sqlite.ts";
import type { WorkerPool } from "../../platform/worker.ts";
import { hashFiles } from "./hash-files.ts";
import type { SourceTree, TreeEntry } from "./source-tree.ts";

/** From how many files on the whole cache is read at once, and reading goes to workers. */
const manyFiles = 200;
/** More rows than this, and the table starts anew. */
const maxRows = 1_000_000;
/** At least the time in which the kernel's file clock may stand still. */
const clockTickMs = 20;

interface HashRow {
  readonly bucket: number;
  readonly stamp: string;
  readonly sha256: string;
}

/**
 * Content hashes of files, kept in table `file_stamps` so that an unchanged file is not read again: the same device,
 * inode, size, mtime and ctime (nanoseconds) are the same content.
 */
export class FileHashes {
  readonly #db: Sqlite;
  readonly #pool: WorkerPool;
  readonly #threads: number;

  constructor(db: Sqlite, pool: WorkerPool, threads: number) {
    this.#db = db;
    this.#pool = pool;
    this.#threads = threads;
  }

  /** SHA-256 of each file in base64url, in the order of `files`. */
  async of(tree: SourceTree, files: readonly TreeEntry[], signal: AbortSignal): Promise<string[]> {
    const known = tree.isLasting === true ? this.#known(files) : [];
    const unknown = files.filter((_, at) => known[at] === undefined);
    if (unknown.length === 0) return known as string[];
    const before = Date.now();
    const fresh = await this.#read(tree, unknown, signal);
    if (tree.isLasting === true) this.#remember(unknown, fresh, before);
    const next = fresh.values();
    return files.map((_, at) => known[at] ?? next.next().value ?? "");
  }

  #known(files: readonly TreeEntry[]): (string | undefined)[] {
    const rows = new Map<number, HashRow>();
    for (const row of this.#rows(files)) rows.set(row.bucket, row);
    return files.map(({ bucket, stamp }) => {
      const row = rows.get(bucket);
      return row?.stamp === stamp ? row.sha256 : undefined;
    });
  }

  #rows(files: readonly TreeEntry[]): HashRow[] {
    const select = "SELECT bucket, stamp, sha256 FROM file_stamps";
    if (files.length > manyFiles) return this.#db.all<HashRow>(select);
    const buckets = JSON.stringify(files.map(({ bucket }) => bucket));
    return this.#db.all<HashRow>(`${select} WHERE bucket IN (SELECT value FROM json_each(?))`, buckets);
  }

  async #read(tree: SourceTree, files: readonly TreeEntry[], signal: AbortSignal): Promise<string[]> {
    const paths = files.map((file) => file.path);
    const bytes = files.reduce((sum, file) => sum + file.size, 0);
    if (files.length < manyFiles && bytes < 1 << 20) return hashFiles(tree.root, paths);
    const share = Math.ceil(paths.length / this.#threads);
    const shares = Array.from({ length: this.#threads }, (_, at) =>
      paths.slice(at * share, (at + 1) * share),
    );
    const parts = await Promise.all(
      shares.map((own) =>
        this.#pool.run<string[]>({ kind: "hash", root: tree.root, paths: own }, { signal }),
      ),
    );
    return parts.flat();
  }

  /** A file changed in the clock tick in which it was read may change again unseen: it is read again next time. */
  #remember(files: readonly TreeEntry[], hashes: readonly string[], readAt: number): void {
    const quiet = readAt - clockTickMs;
    const sql = "INSERT OR REPLACE INTO file_stamps (bucket, stamp, sha256) VALUES (?, ?, ?)";
    this.#db.unflushed(() => {
      const count = this.#db.get<{ n: number }>("SELECT count(*) AS n FROM file_stamps")?.n ?? 0;
      if (count > maxRows) this.#db.run("DELETE FROM file_stamps");
      for (const [at, { bucket, stamp, ctimeMs }] of files.entries())
        if (ctimeMs <= quiet) this.#db.run(sql, bucket, stamp, hashes[at] ?? "");
    });
  }
}
