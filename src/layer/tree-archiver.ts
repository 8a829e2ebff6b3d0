import { Handoff } from "../internal/handoff.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import { WorkerPool } from "../platform/worker.ts";
import type { LayerRequest } from "./layer-tasks.ts";
import type {
  ArchiveRequest,
  ChangesRequest,
  ExtractRequest,
  ListPathRequest,
  PathList,
  PathStat,
  PathStatRequest,
  TreeChange,
} from "./tree-tasks.ts";

/**
 * Looks into trees that others use meanwhile, takes archives out of them and puts archives in, on worker threads. A
 * tree's `root` is a directory's real path; nothing outside it is ever read or written, whatever links the tree has or
 * gets (CVE-2018-15664). Dispose ends the threads.
 */
export class TreeArchiver implements AsyncDisposable {
  readonly #workers = new WorkerPool("src/layer/layer-worker.ts");

  /** Throws `not_found`; `invalid_argument` when a file is used as a directory. */
  stat(request: Omit<PathStatRequest, "op">, o: CallOptions = {}): Promise<PathStat> {
    return this.#run<PathStat>({ op: "stat", ...request }, o);
  }

  /** Throws as {@link stat}; `invalid_argument` for what is no directory. */
  list(request: Omit<ListPathRequest, "op">, o: CallOptions = {}): Promise<PathList> {
    return this.#run<PathList>({ op: "list", ...request }, o);
  }

  /** The tar, made while it is read; leaving it early stops the work. Throws as {@link stat} while it is read. */
  async *archive(request: Omit<ArchiveRequest, "op">, o: CallOptions = {}): ByteStreamGenerator {
    const chunks = new Handoff<Uint8Array>();
    const work = this.#workers
      .run({ op: "archive", ...request } satisfies LayerRequest, {
        signal: o.signal,
        onOutput: (chunk) => chunks.put(chunk),
      })
      .then(
        () => chunks.end(),
        (error: unknown) => chunks.end({ error }),
      );
    try {
      yield* chunks;
    } finally {
      await work;
    }
  }

  /** Throws as {@link stat} for the path; for the archive `invalid_argument`, and what came before it stays. */
  async extract(
    request: Omit<ExtractRequest, "op">,
    archive: ByteStream,
    o: CallOptions = {},
  ): Promise<void> {
    await this.#workers.run({ op: "extract", ...request } satisfies LayerRequest, {
      input: archive,
      signal: o.signal,
    });
  }

  /** Sorted by path. */
  changes(request: Omit<ChangesRequest, "op">, o: CallOptions = {}): Promise<TreeChange[]> {
    return this.#run<TreeChange[]>({ op: "changes", ...request }, o);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workers[Symbol.asyncDispose]();
  }

  #run<T>(request: LayerRequest, o: CallOptions): Promise<T> {
    return this.#workers.run<T>(request, { signal: o.signal });
  }
}

type ByteStreamGenerator = AsyncGenerator<Uint8Array, void, void>;
