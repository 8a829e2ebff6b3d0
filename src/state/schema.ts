/**
 * The schema, one migration an entry, in order; `PRAGMA user_version` counts how many were applied. Never edit an
 * entry that was released: add one.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE records (
     kind TEXT NOT NULL,            -- 'container', 'network', 'volume', …
     id TEXT NOT NULL,
     body TEXT NOT NULL,            -- JSON
     PRIMARY KEY (kind, id)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE snapshots (
     id INTEGER PRIMARY KEY AUTOINCREMENT,   -- the directory snapshots/<id>
     key TEXT NOT NULL UNIQUE,
     kind TEXT NOT NULL CHECK (kind IN ('active', 'view', 'committed')),
     parent INTEGER REFERENCES snapshots (id) ON DELETE RESTRICT,
     created_at INTEGER NOT NULL,
     bytes INTEGER,                 -- disk usage, known once committed
     inodes INTEGER
   ) STRICT;
   CREATE INDEX snapshots_by_parent ON snapshots (parent);

   CREATE TABLE layers (            -- a ChainID we hold as a snapshot
     chain_id TEXT PRIMARY KEY,
     diff_id TEXT NOT NULL,
     parent TEXT,                   -- ChainID
     snapshot TEXT NOT NULL,        -- name of the committed snapshot
     size INTEGER NOT NULL          -- bytes the layer's own files use on disk
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX layers_by_snapshot ON layers (snapshot);

   CREATE TABLE images (
     id TEXT PRIMARY KEY,           -- digest of the config: the image ID
     manifest TEXT NOT NULL,        -- JSON descriptor of the manifest
     config TEXT NOT NULL,          -- the config blob's text, as stored
     created_at INTEGER NOT NULL    -- when it came to this store, ms
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE tags (
     reference TEXT PRIMARY KEY,    -- canonical: docker.io/library/nginx:latest
     image TEXT NOT NULL REFERENCES images (id),
     target TEXT NOT NULL,          -- JSON descriptor: what a registry calls this tag, an index or a manifest
     updated_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX tags_by_image ON tags (image);

   CREATE TABLE repo_digests (
     reference TEXT PRIMARY KEY,    -- canonical: docker.io/library/nginx@sha256:…
     image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX repo_digests_by_image ON repo_digests (image);

   CREATE TABLE compressed (        -- which stored blob is a diffID's layer, compressed
     digest TEXT PRIMARY KEY,
     diff_id TEXT NOT NULL,
     media_type TEXT NOT NULL,
     size INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX compressed_by_diff_id ON compressed (diff_id);

   CREATE TABLE build_cache (
     key TEXT PRIMARY KEY,          -- digest over what went into the step
     inputs TEXT NOT NULL,          -- JSON: what went into it, to explain a later miss
     step TEXT NOT NULL,            -- identity of the step apart from its content: Dockerfile place and text
     snapshot TEXT NOT NULL,
     duration_ms INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     used_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX build_cache_by_step ON build_cache (step, used_at);

   CREATE TABLE file_hashes (       -- content hashes of context files, so that unchanged ones are not read again
     dev INTEGER NOT NULL, ino INTEGER NOT NULL,
     size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
     sha256 BLOB NOT NULL,
     PRIMARY KEY (dev, ino)
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE build_cache ADD COLUMN place TEXT NOT NULL DEFAULT '';  -- where the step stands: project, stage, number
   ALTER TABLE build_cache ADD COLUMN manifest TEXT;                   -- digest in build_manifests
   ALTER TABLE build_cache ADD COLUMN result_key TEXT;                 -- what later steps key on: the content key
   CREATE INDEX build_cache_by_place ON build_cache (place, used_at);
   CREATE INDEX build_cache_by_snapshot ON build_cache (snapshot);

   CREATE TABLE build_manifests (   -- the files a step read, to name what changed
     digest TEXT PRIMARY KEY,
     body BLOB NOT NULL             -- zstd
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE snapshot_layers (   -- a snapshot's own files as a layer, so that they are hashed once
     snapshot TEXT PRIMARY KEY,
     diff_id TEXT NOT NULL,
     size INTEGER NOT NULL          -- of the uncompressed tar, bytes
   ) STRICT, WITHOUT ROWID;`,
  `ALTER TABLE snapshots ADD COLUMN unflushed TEXT;  -- the boot its files were written in, until they are flushed`,
  `ALTER TABLE snapshots ADD COLUMN content_bytes INTEGER;  -- in regular files, known once measured
   ALTER TABLE layers ADD COLUMN content_size INTEGER;      -- bytes in the layer's own regular files; NULL: not measured`,
  `CREATE TABLE build_records (     -- builds that have ended, to explain them and to learn from them
     id TEXT PRIMARY KEY,
     project TEXT NOT NULL,         -- context and Dockerfile
     started_at INTEGER NOT NULL,
     body BLOB NOT NULL             -- JSON, zstd
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX build_records_by_project ON build_records (project, started_at);
   CREATE INDEX build_records_by_start ON build_records (started_at);`,
  `CREATE TABLE build_collected (   -- steps whose results were collected, to say so when they are missed
     key TEXT PRIMARY KEY,
     at INTEGER NOT NULL,
     reason TEXT NOT NULL           -- to stay under 20 GB
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX build_collected_by_time ON build_collected (at);`,
  `ALTER TABLE snapshots ADD COLUMN continues INTEGER NOT NULL DEFAULT 0;  -- 1: its files and its parent's are one layer
   ALTER TABLE snapshot_layers ADD COLUMN content_bytes INTEGER;           -- in the layer's regular files
   CREATE TABLE copied_layers (     -- layers that a COPY made whole, for the next to change instead of copying all
     snapshot TEXT PRIMARY KEY,
     op_key TEXT NOT NULL,          -- digest of the step without its files
     manifest TEXT NOT NULL,        -- digest in build_manifests
     mtimes BLOB NOT NULL,          -- ns since the epoch, 8 bytes for each line of the manifest
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX copied_layers_by_op ON copied_layers (op_key, created_at);`,
  `CREATE TABLE build_outputs (     -- what builds told while they ran, their output too
     id TEXT PRIMARY KEY,           -- in build_records
     started_at INTEGER NOT NULL,
     body BLOB NOT NULL             -- JSON, zstd
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX build_outputs_by_start ON build_outputs (started_at);`,
  `CREATE TABLE build_seen (        -- the steps of each project as they were last, to explain a later miss
     step TEXT PRIMARY KEY,         -- project, stage, text
     place TEXT NOT NULL,           -- project, stage, number
     key TEXT NOT NULL,
     inputs TEXT NOT NULL,          -- JSON: what went into the key
     manifest TEXT,                 -- digest in build_manifests
     at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX build_seen_by_place ON build_seen (place, at);
   CREATE INDEX build_seen_by_time ON build_seen (at);`,
  `ALTER TABLE compressed ADD COLUMN recipe TEXT;                       -- JSON: how it was made, of blobs that were made here
   ALTER TABLE compressed ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0; -- 1: given up, can be had again
   ALTER TABLE compressed ADD COLUMN packed_as TEXT;                    -- of a dropped one: the diffID that packing the files gave
   ALTER TABLE compressed ADD COLUMN packed_size INTEGER;               -- of that tar, bytes`,
  `DROP TABLE file_hashes;
   CREATE TABLE file_stamps (       -- content hashes of context files, so that unchanged ones are not read again
     bucket INTEGER PRIMARY KEY,    -- of device and inode
     stamp TEXT NOT NULL,           -- device, inode, size, mtime and ctime in nanoseconds
     sha256 TEXT NOT NULL           -- base64url
   ) STRICT;`,
];
