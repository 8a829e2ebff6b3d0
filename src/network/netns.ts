import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { commandOutput } from "../internal/run-command.ts";
import { detachMount } from "../platform/mount.ts";
import { makeNetns } from "../platform/netns.ts";

/**
 * Network namespaces with a name: `<directory>/<id>` is a bind mount of each, which keeps it alive without a process
 * in it. A namespace outlives the engine.
 */
export class NetnsDirectory {
  readonly #directory: string;
  readonly #mayReturn: boolean;

  /** `mayReturn`: false without root, when a thread that left the host's namespace could not come back to it. */
  constructor(directory: string, options: { readonly mayReturn?: boolean } = {}) {
    this.#directory = directory;
    this.#mayReturn = options.mayReturn ?? true;
  }

  path(id: string): string {
    return join(this.#directory, id);
  }

  /** Makes the namespace, its loopback link up, and returns its path. Idempotent. */
  async create(id: string): Promise<string> {
    const path = this.path(id);
    if (await isNamespace(path)) return path;
    await mkdir(this.#directory, { recursive: true });
    await (await open(path, "a")).close();
    try {
      if (this.#mayReturn) makeNetns(path);
      else await commandOutput(["unshare", `--net=${path}`, "ip", "link", "set", "lo", "up"]);
    } catch (error) {
      await this.delete(id);
      throw error;
    }
    return path;
  }

  /** The kernel ends the namespace, and its links, when the last process has left it. Idempotent. */
  async delete(id: string): Promise<void> {
    const path = this.path(id);
    while (detachMount(path)) {
      // A namespace mounted twice over by a start that was interrupted: until nothing is mounted here.
    }
    await rm(path, { force: true });
  }
}

/** A file that lies on another device than its directory is one that something is mounted on. */
async function isNamespace(path: string): Promise<boolean> {
  try {
    const [file, directory] = await Promise.all([stat(path), stat(dirname(path))]);
    return file.dev !== directory.dev;
  } catch {
    return false;
  }
}
