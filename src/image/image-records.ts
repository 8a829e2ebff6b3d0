import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Sqlite } from "../platform/sqlite.ts";

export interface ImageRecord {
  readonly id: Digest;
  readonly manifest: Descriptor;
  /** The config blob's text, as stored. */
  readonly config: string;
  readonly createdAt: Date;
}

export interface TagRecord {
  /** Canonical: `docker.io/library/nginx:latest`. */
  readonly reference: string;
  readonly image: Digest;
  /** What this tag names: an index, or the image's manifest. */
  readonly target: Descriptor;
  readonly updatedAt: Date;
}

interface ImageRow {
  readonly id: string;
  readonly manifest: string;
  readonly config: string;
  readonly created_at: number;
}

interface TagRow {
  readonly reference: string;
  readonly image: string;
  readonly target: string;
  readonly updated_at: number;
}

/** The tables `images`, `tags` and `repo_digests`. Knows no files: {@link ImageStore} keeps records and files in step. */
export class ImageRecords {
  readonly #db: Sqlite;

  constructor(db: Sqlite) {
    this.#db = db;
  }

  /** Keeps the record that is there, for an image ID stands for the same config. */
  insert(image: ImageRecord): void {
    this.#db.run(
      "INSERT INTO images (id, manifest, config, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      image.id,
      JSON.stringify(image.manifest),
      image.config,
      image.createdAt.getTime(),
    );
  }

  /** The image's manifest from now on, for one whose blob is lost or is to be replaced by an equal. */
  setManifest(id: Digest, manifest: Descriptor): void {
    this.#db.run("UPDATE images SET manifest = ? WHERE id = ?", JSON.stringify(manifest), id);
  }

  get(id: string): ImageRecord | undefined {
    const row = this.#db.get<ImageRow>("SELECT * FROM images WHERE id = ?", id);
    return row === undefined ? undefined : imageOf(row);
  }

  /** Newest first, as they came. */
  list(): ImageRecord[] {
    return this.#db.all<ImageRow>("SELECT * FROM images ORDER BY created_at DESC, id").map(imageOf);
  }

  /** At most two: enough to see that `prefix` (`sha256:ab12…`) is ambiguous. */
  idsByPrefix(prefix: string): Digest[] {
    const sql = "SELECT id FROM images WHERE substr(id, 1, ?) = ? LIMIT 2";
    return this.#db.all<{ id: string }>(sql, prefix.length, prefix).map((row) => row.id as Digest);
  }

  /** The image whose own manifest has this digest. */
  byManifest(digest: string): ImageRecord | undefined {
    const sql = "SELECT * FROM images WHERE json_extract(manifest, '$.digest') = ?";
    const row = this.#db.get<ImageRow>(sql, digest);
    return row === undefined ? undefined : imageOf(row);
  }

  /** Removes the image with its tags and repo digests. */
  delete(id: Digest): void {
    this.#db.transaction(() => {
      this.#db.run("DELETE FROM tags WHERE image = ?", id);
      this.#db.run("DELETE FROM repo_digests WHERE image = ?", id);
      this.#db.run("DELETE FROM images WHERE id = ?", id);
    });
  }

  setTag(tag: TagRecord): void {
    this.#db.run(
      `INSERT INTO tags (reference, image, target, updated_at) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET image = excluded.image, target = excluded.target, updated_at = excluded.updated_at`,
      tag.reference,
      tag.image,
      JSON.stringify(tag.target),
      tag.updatedAt.getTime(),
    );
  }

  tag(reference: string): TagRecord | undefined {
    const row = this.#db.get<TagRow>("SELECT * FROM tags WHERE reference = ?", reference);
    return row === undefined ? undefined : tagOf(row);
  }

  tags(): TagRecord[] {
    return this.#db.all<TagRow>("SELECT * FROM tags ORDER BY reference").map(tagOf);
  }

  tagsOf(id: Digest): TagRecord[] {
    return this.#db.all<TagRow>("SELECT * FROM tags WHERE image = ? ORDER BY reference", id).map(tagOf);
  }

  /** True when there was one. */
  deleteTag(reference: string): boolean {
    return this.#db.run("DELETE FROM tags WHERE reference = ?", reference).changes > 0;
  }

  setRepoDigest(reference: string, image: Digest): void {
    const sql =
      "INSERT INTO repo_digests (reference, image) VALUES (?, ?) ON CONFLICT DO UPDATE SET image = excluded.image";
    this.#db.run(sql, reference, image);
  }

  repoDigest(reference: string): Digest | undefined {
    const sql = "SELECT image FROM repo_digests WHERE reference = ?";
    return this.#db.get<{ image: string }>(sql, reference)?.image as Digest | undefined;
  }

  repoDigestsOf(id: Digest): string[] {
    const sql = "SELECT reference FROM repo_digests WHERE image = ? ORDER BY reference";
    return this.#db.all<{ reference: string }>(sql, id).map((row) => row.reference);
  }

  /** True when there was one. */
  deleteRepoDigest(reference: string): boolean {
    return this.#db.run("DELETE FROM repo_digests WHERE reference = ?", reference).changes > 0;
  }
}

function imageOf(row: ImageRow): ImageRecord {
  return {
    id: row.id as Digest,
    manifest: JSON.parse(row.manifest) as Descriptor,
    config: row.config,
    createdAt: new Date(row.created_at),
  };
}

function tagOf(row: TagRow): TagRecord {
  return {
    reference: row.reference,
    image: row.image as Digest,
    target: JSON.parse(row.target) as Descriptor,
    updatedAt: new Date(row.updated_at),
  };
}
