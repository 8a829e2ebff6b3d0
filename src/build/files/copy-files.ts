import { posix } from "node:path";
import { linkAt, setTimesAt } from "../../platform/dir-at.ts";
import {
  AT_FDCWD,
  chmodFd,
  chownFd,
  closeFd,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
  openAt,
  writeAt,
} from "../../platform/fd.ts";
import { removeTreeAt } from "../../platform/remove-tree.ts";
import { statAt } from "../../platform/stat.ts";
import { clearWay } from "./clear-way.ts";
import { makeDirectory, openDirectory } from "./confined-directory.ts";
import { ContentCopier } from "./content-copier.ts";
import { copyDirectoryNode, copyNode, makeRoom, openNew, type CopyRules, type Place } from "./copy-node.ts";
import type { CopyEntry, CopyRequest, CopySource } from "./copy-request.ts";
import { madeDirectory, resolveDestination } from "./resolve-destination.ts";
import { changeMode } from "./symbolic-mode.ts";

type CopyJob = CopyRequest & CopyRules;

/** Copies everything a COPY names into the root. Synchronous but for `breathe`, asked between files. */
export async function copyFiles(request: CopyRequest, breathe: () => Promise<void>): Promise<void> {
  if (request.clearsWay === true) clearWay(request.root, request.destination);
  const root = openAt(AT_FDCWD, request.root, O_PATH | O_DIRECTORY);
  try {
    const job = { ...request, content: new ContentCopier() };
    for (const source of request.sources) await copySource(root, source, job, breathe);
  } finally {
    closeFd(root);
  }
}

async function copySource(
  root: number,
  source: CopySource,
  request: CopyJob,
  breathe: () => Promise<void>,
): Promise<void> {
  if (source.kind === "directory") return copyTree(root, source, request, breathe);
  const to = resolveDestination(root, request, source.name);
  try {
    if (source.kind === "inline") writeInline(to, source, request);
    else {
      const dir = openAt(AT_FDCWD, posix.dirname(source.from), O_PATH | O_DIRECTORY);
      try {
        copyNode({ dir, name: posix.basename(source.from) }, to, request);
      } finally {
        closeFd(dir);
      }
    }
  } finally {
    closeFd(to.dir);
  }
}

function writeInline(
  to: { dir: number; name: string },
  file: Extract<CopySource, { kind: "inline" }>,
  rules: Pick<CopyRules, "owner" | "chmod">,
): void {
  const fd = openNew(to);
  try {
    writeAt(fd, Buffer.from(file.content), 0);
    const owner = rules.owner ?? { uid: 0, gid: 0 };
    chownFd(fd, owner.uid, owner.gid);
    chmodFd(fd, rules.chmod === undefined ? file.mode : changeMode(file.mode, rules.chmod, false));
  } finally {
    closeFd(fd);
  }
}

/** The contents of a directory go into the destination. One that is made for it is as any other that is made on the way. */
async function copyTree(
  root: number,
  source: Extract<CopySource, { kind: "directory" }>,
  request: CopyJob,
  breathe: () => Promise<void>,
): Promise<void> {
  const from = openAt(AT_FDCWD, source.from, O_PATH | O_DIRECTORY);
  try {
    const to = destinationDirectory(root, from, request, source.was);
    try {
      const walk = new CopyWalk(from, to.fd, request);
      for (const [at, entry] of source.entries.entries()) {
        if (at % 256 === 255) await breathe();
        walk.copy(entry);
      }
      walk.finish();
      to.finish();
    } finally {
      closeFd(to.fd);
    }
  } finally {
    closeFd(from);
  }
}

function destinationDirectory(
  root: number,
  from: number,
  request: CopyJob,
  was: bigint | undefined,
): { fd: number; finish: () => void } {
  const { destination } = request;
  const there = openDirectory(root, destination);
  if (there !== undefined) return { fd: there, finish: finishUpdate(from, there, was) };
  return { fd: makeDirectory(root, destination, madeDirectory(request)), finish: () => undefined };
}

/** What is left to do for a directory when it is full. */
function finishUpdate(from: number, to: number, was: bigint | undefined): () => void {
  if (was === undefined || statAt(to, "").mtime !== was) return () => undefined;
  const { atime, mtime } = statAt(from, "");
  return () => setTimesAt(to, ".", atime, mtime);
}

interface OpenDirectory {
  /** relative path, "" for the top */
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** It is to have the source's times when it is full. */
  readonly takesTimes: boolean;
}

/** One way through a tree in order, with the directories on the way to the current name open on both sides. */
class CopyWalk {
  readonly #stack: OpenDirectory[] = [];
  readonly #top: OpenDirectory;
  readonly #rules: CopyRules;

  constructor(from: number, to: number, rules: CopyRules) {
    this.#top = { path: "", from, to, takesTimes: false };
    this.#rules = rules;
  }

  copy(entry: CopyEntry): void {
    const parent = this.#parentOf(entry.path);
    const name = posix.basename(entry.path);
    const from = { dir: parent.from, name };
    const to = { dir: parent.to, name };
    try {
      if (entry.kind === "directory") this.#enter(entry, from, to);
      else if (entry.kind === "removed") removeTreeAt(parent.to, name);
      else if (entry.linkTo === undefined) copyNode(from, to, this.#rules);
      else {
        makeRoom(to);
        linkAt(this.#top.to, entry.linkTo, to.dir, name);
      }
    } catch (error) {
      this.#closeAll();
      throw error;
    }
  }

  finish(): void {
    while (this.#stack.length > 0) this.#leave();
  }

  #parentOf(path: string): OpenDirectory {
    const parent = posix.dirname(path) === "." ? "" : posix.dirname(path);
    while ((this.#stack.at(-1)?.path ?? "") !== parent) this.#leave();
    return this.#stack.at(-1) ?? this.#top;
  }

  #enter({ path }: CopyEntry, from: Place, to: Place): void {
    const takesTimes = copyDirectoryNode(from, to, this.#rules);
    const flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
    const source = openAt(from.dir, from.name, flags);
    this.#stack.push({ path, from: source, to: openAt(to.dir, to.name, flags), takesTimes });
  }

  #leave(): void {
    const directory = this.#stack.pop();
    if (directory === undefined) throw new Error("The entries are not in the order of the tree");
    if (directory.takesTimes) {
      const { atime, mtime } = statAt(directory.from, "");
      setTimesAt(directory.to, ".", atime, mtime);
    }
    closeFd(directory.from);
    closeFd(directory.to);
  }

  #closeAll(): void {
    for (const directory of this.#stack.splice(0)) {
      closeFd(directory.from);
      closeFd(directory.to);
    }
  }
}
