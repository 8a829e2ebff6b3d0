import { mkdirSync, rmSync } from "node:fs";
import type { Differ } from "../../layer/differ.ts";
import type { WorkerPool } from "../../platform/worker.ts";
import type { CopyRequest, Owner } from "../files/copy-request.ts";
import type { SelectedSource } from "../files/select-sources.ts";
import { walkTree, type SourceTree } from "../files/source-tree.ts";
import { archiveKind, unpackTar } from "../unpack-tar.ts";

/** ADD's way with local archives: their contents go into the destination. */
export class UnpackArchives {
  readonly #differ: Pick<Differ, "unpackArchive">;
  readonly #files: WorkerPool;
  readonly #runDir: string;

  constructor(parts: { differ: Pick<Differ, "unpackArchive">; files: WorkerPool; runDir: string }) {
    this.#differ = parts.differ;
    this.#files = parts.files;
    this.#runDir = parts.runDir;
  }

  /** The sources that are archives. */
  find(tree: SourceTree, selected: readonly SelectedSource[]): Set<SelectedSource> {
    const isArchive = (source: SelectedSource): boolean =>
      source.entries[0]?.kind === "file" && archiveKind(`${tree.root}/${source.path}`) !== undefined;
    return new Set(selected.filter((source) => !source.isDirectory && isArchive(source)));
  }

  /** Owners are the archive's, unless `owner` is given. */
  async unpack(
    path: string,
    root: string,
    destination: string,
    options: { signal: AbortSignal; owner: Owner | undefined },
  ): Promise<void> {
    const directory = `${this.#runDir}/archive-${crypto.randomUUID()}`;
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    try {
      await unpackTar(this.#differ, path, directory, { signal: options.signal });
      const entries = walkTree({ root: directory }, "");
      const request: CopyRequest = {
        kind: "copy",
        root,
        destination: destination.endsWith("/") ? destination : `${destination}/`,
        sources: [{ kind: "directory", from: directory, entries: entries.map(plain) }],
        owner: options.owner,
        parentOwner: options.owner,
        keepXattrs: true,
        existing: "keep",
      };
      await this.#files.run(request, { signal: options.signal });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }
}

function plain({ path, kind, linkTo }: ReturnType<typeof walkTree>[number]): CopyRequestEntry {
  return { path, kind, ...(linkTo !== undefined && { linkTo }) };
}

type CopyRequestEntry = Extract<CopyRequest["sources"][number], { kind: "directory" }>["entries"][number];
