import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { ContainerConfig } from "./types/container-config.ts";

/** Engine API `FilesystemChange`: 0 modified, 1 added, 2 deleted. */
export interface FilesystemChange {
  Path: string;
  Kind: 0 | 1 | 2;
}

/** What `X-Docker-Container-Path-Stat` says of a path in a container. */
export interface ContainerPathStat {
  name: string;
  size: number;
  /** permission and type bits as Go's `os.FileMode` has them */
  mode: number;
  /** RFC 3339, with nanoseconds */
  mtime: string;
  /** of a symbolic link: the absolute path it leads to in the container, else empty */
  linkTarget: string;
}

/** A name in a directory of a container. */
export interface ContainerFile {
  Name: string;
  Kind: "file" | "directory" | "symlink" | "other";
  /** bytes */
  Size: number;
  /** permission bits */
  Mode: number;
  Uid: number;
  Gid: number;
  /** RFC 3339 */
  Modified: string;
  /** what a symbolic link says; empty for all else */
  Target: string;
}

export interface ContainerDirectory {
  /** where it really is in the container, links resolved */
  Path: string;
  /** the first 10,000, by name */
  Files: ContainerFile[];
  /** how many names it has */
  Total: number;
}

export interface ExtractOptions {
  /** A directory never takes the place of something else, nor the other way round: `invalid_argument` instead. */
  noOverwriteDirNonDir?: boolean;
  /** All that is unpacked belongs to the container's user. */
  copyUIDGID?: boolean;
}

export interface CommitOptions {
  /** Name of the image: `repository[:tag]`. None: the image stays without a name. */
  reference?: string;
  comment?: string;
  author?: string;
  /** Freeze the container's processes meanwhile. Default: true. */
  pause?: boolean;
  /** Dockerfile instructions that change the image's configuration: `CMD ["x"]`. */
  changes?: readonly string[];
  /** What differs from the container's own configuration. */
  config?: ContainerConfig;
}

/**
 * The files of containers, running or stopped. `name` as in `ContainerService`; `path` counts from the container's
 * root, with or without a leading slash, and never leaves it. All throw `not_found` for the container.
 */
export interface ContainerFileService {
  /** What differs from the image, by path. */
  changes(name: string, o?: CallOptions): Promise<FilesystemChange[]>;
  /** Throws `not_found` for the path. A link in its last component is not followed, unless a slash comes behind. */
  stat(name: string, path: string, o?: CallOptions): Promise<ContainerPathStat>;
  /** A tar whose entries begin with the path's last component. Read `content` or leave its loop: either ends it. */
  archive(
    name: string,
    path: string,
    o?: CallOptions,
  ): Promise<{ stat: ContainerPathStat; content: ByteStream }>;
  /** The names in a directory. Throws `not_found`; `invalid_argument` for what is no directory. */
  list(name: string, path: string, o?: CallOptions): Promise<ContainerDirectory>;
  /**
   * Unpacks a tar (gzip, zstd or plain) into an existing directory. Throws `not_found` and `invalid_argument` for the
   * directory and the archive, `forbidden` for what the container has read-only.
   */
  extract(name: string, path: string, archive: ByteStream, o?: CallOptions & ExtractOptions): Promise<void>;
  /** A tar of the whole root, without volumes. */
  export(name: string, o?: CallOptions): Promise<ByteStream>;
  /** The files of an image as a tar, without what a container would get beside them. Throws `not_found`. */
  exportImage(name: string, o?: CallOptions): Promise<ByteStream>;
  /** Makes an image of the container's root and configuration. Resolves to its ID. */
  commit(name: string, o?: CallOptions & CommitOptions): Promise<{ Id: string }>;
}
