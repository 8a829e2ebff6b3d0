import { isCode, SlipwayError } from "../errors.ts";
import { readBlob } from "../content/read-blob.ts";
import { once } from "../content/write-blob.ts";
import { Limiter } from "../internal/limiter.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { isForeignLayerType, isIndexType, isManifestType } from "../oci/media-types.ts";
import { children } from "../oci/parse-manifest.ts";
import type { Platform } from "../oci/platform.ts";
import type { Source, Target } from "../oci/target.ts";

import { readingFrom, writingTo, type ReadSide } from "./copy-error.ts";
import { choosePlatform } from "./choose-platform.ts";

/**
 * `exists`: the target had it. `mounted`: taken from another repository of the same registry. `transferring`: `bytes`
 * have moved so far. `done`: it is there, whole.
 */
export interface CopyProgress {
  readonly descriptor: Descriptor;
  readonly state: "exists" | "mounted" | "transferring" | "done";
  readonly bytes: number;
}

export interface CopyOptions extends CallOptions {
  /** Of an index, copy only the manifest for this platform: that manifest is what the target then tags. */
  readonly platform?: Platform | undefined;
  /** How many blobs move at once. Default 4. */
  readonly concurrency?: number;
  /** Repository of the target's registry that may have the blobs: mounting is tried before bytes are sent. */
  readonly from?: string | undefined;
  readonly onProgress?: ((progress: CopyProgress) => void) | undefined;
}

/**
 * Copies what `srcRef` (or the descriptor itself) names from `src` to `dst` and tags it `dstRef`, if given: pull, push,
 * save and load are this one call. Blobs the target has are not sent. Children are there before their parents, and manifests
 * keep their bytes. The first failure stops everything; a {@link CopyError} says which side failed. Returns the
 * descriptor that was copied. Idempotent; a repeated call goes on where a broken one stopped.
 */
export async function copy(
  src: Source,
  srcRef: string | Descriptor,
  dst: Target,
  dstRef: string | undefined,
  options: CopyOptions = {},
): Promise<Descriptor> {
  const name = typeof srcRef === "string" ? srcRef : srcRef.digest;
  const reader = readingFrom(src, name);
  const resolved =
    typeof srcRef === "string" ? await reader.resolve(srcRef, { signal: options.signal }) : srcRef;
  const root = await choosePlatform(reader, resolved, options.platform, options);
  const { skipped } = await copyAll(reader, root, dst, dstRef ?? name, options);
  if (dstRef === undefined) return root;
  const tag = (): Promise<void> => writingTo(dstRef, () => dst.tag(root, dstRef, { signal: options.signal }));
  try {
    await tag();
  } catch (error) {
    if (!skipped || !isCode(error, "not_found")) throw error;
    // The target has the manifest, and no more what it names: a blob was deleted or collected there.
    await copyAll(reader, root, dst, dstRef, options, true);
    await tag();
  }
  return root;
}

/** Runs one graph copy under a signal of its own, so that a failure stops the siblings, and waits for them to stop. */
async function copyAll(
  src: ReadSide,
  root: Descriptor,
  dst: Target,
  dstRef: string,
  options: CopyOptions,
  again = false,
): Promise<GraphCopy> {
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const work = new GraphCopy(src, dst, dstRef, { ...options, signal, again }, stop);
  await work.copy(root);
  return work;
}

class GraphCopy {
  readonly #src: ReadSide;
  readonly #dst: Target;
  readonly #dstRef: string;
  /** `again`: push manifests although the target has them. */
  readonly #options: CopyOptions & { readonly again: boolean };
  readonly #stop: AbortController;
  readonly #limiter: Limiter;
  readonly #running = new Map<string, Promise<void>>();

  /** Whether a manifest was left out, with all it names, because the target has it. */
  skipped = false;

  constructor(
    src: ReadSide,
    dst: Target,
    dstRef: string,
    options: CopyOptions & { readonly again: boolean },
    stop: AbortController,
  ) {
    this.#src = src;
    this.#dst = dst;
    this.#dstRef = dstRef;
    this.#options = options;
    this.#stop = stop;
    this.#limiter = new Limiter(options.concurrency ?? 4);
  }

  /** Each digest is copied once, however often the graph names it. */
  copy(desc: Descriptor): Promise<void> {
    const running = this.#running.get(desc.digest);
    if (running !== undefined) return running;
    const isDocument = isManifestType(desc.mediaType) || isIndexType(desc.mediaType);
    const started = isDocument ? this.#copyDocument(desc) : this.#limiter.run(() => this.#copyBlob(desc));
    this.#running.set(desc.digest, started);
    return started;
  }

  async #copyDocument(desc: Descriptor): Promise<void> {
    if (!this.#options.again && (await this.#exists(desc))) {
      this.skipped = true;
      return;
    }
    const bytes = await readBlob(this.#src, desc, this.#call());
    const blobs = children(desc, bytes);
    refuseForeign(blobs);
    await this.#allOrStop(blobs);
    await this.#write(() => this.#dst.push(desc, once(bytes), this.#call()));
    this.#report(desc, "done", desc.size);
  }

  async #allOrStop(blobs: readonly Descriptor[]): Promise<void> {
    let failed: { error: unknown } | undefined;
    const tasks = blobs.map((child) =>
      this.copy(child).catch((error: unknown) => {
        failed ??= { error };
        this.#stop.abort(error);
      }),
    );
    await Promise.all(tasks);
    if (failed !== undefined) throw failed.error;
  }

  async #copyBlob(desc: Descriptor): Promise<void> {
    this.#options.signal?.throwIfAborted();
    if (await this.#exists(desc)) return;
    if (await this.#mounted(desc)) return;
    this.#report(desc, "transferring", 0);
    if (this.#dst.receive === undefined) await this.#pushBlob(desc);
    else await this.#receiveBlob(desc);
    this.#report(desc, "done", desc.size);
  }

  async #exists(desc: Descriptor): Promise<boolean> {
    const exists = await this.#write(() => this.#dst.exists(desc, this.#call()));
    if (exists) this.#report(desc, "exists", desc.size);
    return exists;
  }

  async #mounted(desc: Descriptor): Promise<boolean> {
    const { from } = this.#options;
    if (from === undefined || this.#dst.mount === undefined) return false;
    const mounted = await this.#write(async () => await this.#dst.mount?.(desc, from, this.#call()));
    if (mounted === true) this.#report(desc, "mounted", desc.size);
    return mounted === true;
  }

  async #pushBlob(desc: Descriptor): Promise<void> {
    const open = async (offset: number): Promise<BlobReader> => {
      const reader = await this.#src.fetch(desc, { ...this.#call(), offset });
      return counted(reader, offset, (bytes) => this.#report(desc, "transferring", bytes));
    };
    await using reader = await open(0);
    await this.#write(() => this.#dst.push(desc, reader, { ...this.#call(), again: open }));
  }

  async #receiveBlob(desc: Descriptor): Promise<void> {
    const onBytes = (bytes: number): void => this.#report(desc, "transferring", bytes);
    await this.#write(async () => {
      await this.#dst.receive?.(desc, this.#src, { ...this.#call(), onBytes });
    });
  }

  #write<T>(work: () => Promise<T>): Promise<T> {
    return writingTo(this.#dstRef, work);
  }

  #call(): CallOptions {
    return { signal: this.#options.signal };
  }

  #report(descriptor: Descriptor, state: CopyProgress["state"], bytes: number): void {
    this.#options.onProgress?.({ descriptor, state, bytes });
  }
}

/** `reader`, which begins at byte `offset`; how far its user came is reported. */
function counted(reader: BlobReader, offset: number, report: (bytes: number) => void): BlobReader {
  return {
    size: reader.size,
    async *[Symbol.asyncIterator]() {
      let bytes = offset;
      for await (const chunk of reader) {
        yield chunk;
        bytes += chunk.length;
        report(bytes);
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

function refuseForeign(blobs: readonly Descriptor[]): void {
  const foreign = blobs.find((child) => isForeignLayerType(child.mediaType));
  if (foreign === undefined) return;
  const what = `Cannot copy layer "${foreign.digest}": it may not be redistributed ("${foreign.mediaType}")`;
  throw new SlipwayError("not_implemented", what);
}
