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
  readonly stamp: string;
  readonly sha256: string;
}

/**
 * Content hashes of files, kept in table `file_hashes` so that an unchanged file is not read again: the same device,
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

  /** SHA-256 of each file in base64url, by path. */
  async of(tree: SourceTree, files: readonly TreeEntry[], signal: AbortSignal): Promise<Map<string, string>> {
    const hashes = tree.isLasting === true ? this.#known(files) : new Map<string, string>();
    const unknown = files.filter((file) => !hashes.has(file.path));
    if (unknown.length === 0) return hashes;
    const before = Date.now();
    const fresh = await this.#read(tree, unknown, signal);
    for (const [at, file] of unknown.entries()) hashes.set(file.path, fresh[at] ?? "");
    if (tree.isLasting === true) this.#remember(unknown, fresh, before);
    return hashes;
  }

  #known(files: readonly TreeEntry[]): Map<string, string> {
    const found = new Map<string, string>();
    const devices = Map.groupBy(files, (file) => file.dev);
    for (const [device, own] of devices) {
      const rows = own.length > manyFiles ? this.#rowsOf(device) : this.#rowsFor(device, own);
      for (const file of own) {
        const sha256 = rows.get(stampOf(file));
        if (sha256 !== undefined) found.set(file.path, sha256);
      }
    }
    return found;
  }

  #rowsOf(device: bigint): Map<string, string> {
    return byStamp(this.#db.all<HashRow>(`${select} WHERE dev = ?`, device));
  }

  #rowsFor(device: bigint, files: readonly TreeEntry[]): Map<string, string> {
    const inodes = JSON.stringify(files.map((file) => String(file.ino)));
    const where = "WHERE dev = ? AND ino IN (SELECT CAST(value AS INTEGER) FROM json_each(?))";
    return byStamp(this.#db.all<HashRow>(`${select} ${where}`, device, inodes));
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
    const quiet = BigInt(readAt - clockTickMs) * 1_000_000n;
    const sql = `INSERT OR REPLACE INTO file_hashes (dev, ino, size, mtime_ns, ctime_ns, sha256)
                 VALUES (?, ?, ?, ?, ?, ?)`;
    this.#db.unflushed(() => {
      const count = this.#db.get<{ n: number }>("SELECT count(*) AS n FROM file_hashes")?.n ?? 0;
      if (count > maxRows) this.#db.run("DELETE FROM file_hashes");
      for (const [at, file] of files.entries()) {
        if (file.ctimeNs > quiet) continue;
        const sha256 = Buffer.from(hashes[at] ?? "");
        this.#db.run(sql, file.dev, file.ino, file.size, file.mtimeNs, file.ctimeNs, sha256);
      }
    });
  }
}

/** The hash is kept as the base64url it is used as: text, for reading it back costs a quarter. */
const select = `SELECT ino || ' ' || size || ' ' || mtime_ns || ' ' || ctime_ns AS stamp, CAST(sha256 AS TEXT) AS sha256
                FROM file_hashes`;

function byStamp(rows: readonly HashRow[]): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const { stamp, sha256 } of rows) hashes.set(stamp, sha256);
  return hashes;
}

function stampOf(file: TreeEntry): string {
  return `${file.ino} ${file.size} ${file.mtimeNs} ${file.ctimeNs}`;
}
