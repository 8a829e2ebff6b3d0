import { closeSync, openSync, readSync } from "node:fs";
import { posix } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { openIgnore } from "../../build/files/open-ignore.ts";
import { walkTree, type Ignore, type TreeEntry } from "../../build/files/source-tree.ts";
import { tarTypes } from "../../layer/tar/tar-header.ts";
import { writeTar, type TarWriterEntry } from "../../layer/tar/tar-writer.ts";
import { mtimeOf } from "../../platform/stat.ts";

const CHUNK = 1 << 18;

/**
 * The tar of a build's context for an engine on another machine: what the .dockerignore leaves, and itself and the
 * Dockerfile, since the engine reads them. Owners and extended attributes do not travel, as with Docker's client.
 * `dockerfile`: its path in the directory, undefined when its text travels elsewhere. Made while it is
 * read; throws `invalid_argument` when a file changes its size meanwhile.
 */
export async function* packContext(directory: string, dockerfile: string | undefined): ContextTar {
  const kept = [".dockerignore"];
  if (dockerfile !== undefined) kept.push(dockerfile, `${dockerfile}.dockerignore`);
  const ignore = openIgnore(directory, dockerfile);
  const tree = { root: directory, ignore: ignore && taking(ignore, kept) };
  yield* writeTar(entries(directory, walkTree(tree, "")));
}

type ContextTar = AsyncGenerator<Uint8Array, void, void>;

/** The same, but the files at `paths` are taken whatever it says. */
function taking(ignore: Ignore, paths: readonly string[]): Ignore {
  const all = paths.map((path) => posix.normalize(path));
  return {
    hasExceptions: true,
    ignores: (path) => !all.includes(path) && ignore.ignores(path),
    skipsDirectory: (path) => !all.some((kept) => kept.startsWith(`${path}/`)) && ignore.skipsDirectory(path),
  };
}

function* entries(directory: string, tree: readonly TreeEntry[]): Generator<TarWriterEntry> {
  for (const entry of tree) {
    const { path: name, mode } = entry;
    // Sockets and pipes are nothing that an image is made of.
    if (entry.kind === "other") continue;
    const common = { mode, mtime: mtimeOf(entry) };
    if (entry.kind === "directory")
      yield { header: { ...common, type: tarTypes.directory, name: `${name}/` } };
    else if (entry.kind === "symlink")
      yield { header: { ...common, type: tarTypes.symlink, name, linkname: entry.target ?? "" } };
    else if (entry.linkTo !== undefined)
      yield { header: { ...common, type: tarTypes.hardLink, name, linkname: entry.linkTo } };
    else {
      const header = { ...common, type: tarTypes.file, name, size: entry.size };
      yield { header, content: content(`${directory}/${name}`) };
    }
  }
}

async function* content(path: string): ContextTar {
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const size = readSync(fd, buffer);
      if (size === 0) return;
      yield buffer.subarray(0, size);
      await breathe();
    }
  } finally {
    closeSync(fd);
  }
}
