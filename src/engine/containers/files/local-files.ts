import { isCode, SlipwayError } from "../../../errors.ts";
import { TreeArchiver } from "../../../layer/tree-archiver.ts";
import type { ByteStream, CallOptions } from "../../../oci/call-options.ts";
import { readAccounts, resolveUser } from "../../../runtime/user.ts";
import type {
  CommitOptions,
  ContainerDirectory,
  ContainerFileService,
  ContainerPathStat,
  ExtractOptions,
  FilesystemChange,
} from "../../container-files.ts";
import { containerDirectory } from "../directory.ts";
import { containerChanges } from "./changes.ts";
import { commitContainer, type CommitStores } from "./commit.ts";
import { publishEvent, type ContainerHost } from "../host.ts";
import { ownedStream } from "../owned-stream.ts";
import { apiPathStat } from "./path-stat.ts";
import type { ContainerRecord } from "../record.ts";
import { openImageView, openView } from "./view.ts";

/** Names of a directory that are listed. */
const maxListed = 10_000;

/** The files of the containers of a {@link ContainerHost}. Dispose ends its worker threads. */
export class LocalContainerFiles implements ContainerFileService, AsyncDisposable {
  readonly #host: ContainerHost;
  readonly #stores: CommitStores;
  readonly #archiver = new TreeArchiver();

  constructor(host: ContainerHost, stores: CommitStores) {
    this.#host = host;
    this.#stores = stores;
  }

  changes(name: string, o: CallOptions = {}): Promise<FilesystemChange[]> {
    return containerChanges(this.#host, this.#archiver, name, o);
  }

  async stat(name: string, path: string, o: CallOptions = {}): Promise<ContainerPathStat> {
    await using view = await openView(this.#host, name, { volumes: true });
    return apiPathStat(await this.#find(view.root, name, path, o));
  }

  async list(name: string, path: string, o: CallOptions = {}): Promise<ContainerDirectory> {
    await using view = await openView(this.#host, name, { volumes: true });
    await this.#find(view.root, name, path, o);
    return containerDirectory(await this.#archiver.list({ root: view.root, path, limit: maxListed }, o));
  }

  async archive(
    name: string,
    path: string,
    o: CallOptions = {},
  ): Promise<{ stat: ContainerPathStat; content: ByteStream }> {
    const view = await openView(this.#host, name, { volumes: true });
    try {
      const stat = await this.#find(view.root, name, path, o);
      this.#publish(name, "archive-path");
      const content = this.#archiver.archive({ root: view.root, path }, o);
      return { stat: apiPathStat(stat), content: ownedStream(content, view) };
    } catch (error) {
      await view[Symbol.asyncDispose]();
      throw error;
    }
  }

  async extract(
    name: string,
    path: string,
    archive: ByteStream,
    o: CallOptions & ExtractOptions = {},
  ): Promise<void> {
    await using view = await openView(this.#host, name, { volumes: true });
    const record = this.#host.store.get(name);
    const { path: place } = await this.#findDirectory(view.root, name, path, o);
    checkWritable(record, place);
    const owner = o.copyUIDGID === true ? ownerOf(record, view.root) : undefined;
    const request = { root: view.root, path: place, keepsKinds: o.noOverwriteDirNonDir === true, owner };
    await this.#archiver.extract(request, archive, o);
    this.#publish(name, "extract-to-dir");
  }

  async export(name: string, o: CallOptions = {}): Promise<ByteStream> {
    const view = await openView(this.#host, name, { volumes: false });
    this.#publish(name, "export");
    return ownedStream(this.#archiver.archive({ root: view.root, path: "/", name: "" }, o), view);
  }

  async exportImage(name: string, o: CallOptions = {}): Promise<ByteStream> {
    const view = await openImageView(this.#host, name, o.signal);
    return ownedStream(this.#archiver.archive({ root: view.root, path: "/", name: "" }, o), view);
  }

  commit(name: string, o: CallOptions & CommitOptions = {}): Promise<{ Id: string }> {
    return commitContainer(this.#host, this.#stores, name, o);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#archiver[Symbol.asyncDispose]();
  }

  async #find(root: string, name: string, path: string, o: CallOptions) {
    try {
      return await this.#archiver.stat({ root, path }, o);
    } catch (error) {
      throw isCode(error, "not_found") ? noSuchFile(name, path, error) : error;
    }
  }

  async #findDirectory(root: string, name: string, path: string, o: CallOptions) {
    try {
      return await this.#archiver.stat({ root, path: `${path}/` }, o);
    } catch (error) {
      if (isCode(error, "not_found")) throw noSuchFile(name, path, error);
      if (!isCode(error, "invalid_argument")) throw error;
      throw new SlipwayError("invalid_argument", "extraction point is not a directory", { cause: error });
    }
  }

  #publish(name: string, action: string): void {
    publishEvent(this.#host, this.#host.store.get(name), action);
  }
}

function noSuchFile(container: string, path: string, cause: unknown): SlipwayError {
  return new SlipwayError("not_found", `Could not find the file ${path} in container ${container}`, {
    cause,
  });
}

/** Throws `forbidden` for a volume mounted read-only, and outside of volumes for a read-only root. */
function checkWritable(record: ContainerRecord, path: string): void {
  const holder = record.mounts
    .map(({ request }) => request)
    .filter(({ type }) => type === "bind" || type === "volume")
    .filter(({ target }) => path === target || path.startsWith(`${target.replace(/\/$/, "")}/`))
    .toSorted((a, b) => b.target.length - a.target.length)[0];
  if (holder?.readOnly === true) throw new SlipwayError("forbidden", "mounted volume is marked read-only");
  if (holder === undefined && record.hostConfig.ReadonlyRootfs === true)
    throw new SlipwayError("forbidden", "container rootfs is marked read-only");
}

/** The container's own user; as in Docker, the archive's owners stay when it has none. */
function ownerOf(record: ContainerRecord, root: string): { uid: number; gid: number } | undefined {
  const { User } = record.config;
  if (!User) return undefined;
  const { uid, gid } = resolveUser(User, [], readAccounts(root));
  return { uid, gid };
}
