import type { ListedName, PathList } from "../../layer/tree-tasks.ts";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../platform/stat.ts";
import type { ContainerDirectory, ContainerFile } from "../container-files.ts";

/** A listed directory as the API tells it, sorted by name. Pure. */
export function containerDirectory({ path, names, total }: PathList): ContainerDirectory {
  const files = names.map(containerFile).sort((a, b) => (a.Name < b.Name ? -1 : 1));
  return { Path: path, Files: files, Total: total };
}

function containerFile({ name, size, mode, uid, gid, mtime, target }: ListedName): ContainerFile {
  return {
    Name: name,
    Kind: kindOf(mode & S_IFMT),
    Size: size,
    Mode: mode & 0o7777,
    Uid: uid,
    Gid: gid,
    Modified: new Date(mtime).toISOString(),
    Target: target,
  };
}

function kindOf(type: number): ContainerFile["Kind"] {
  switch (type) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "directory";
    case S_IFLNK:
      return "symlink";
    default:
      return "other";
  }
}
