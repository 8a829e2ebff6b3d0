import { errorMessage } from "../../errors.ts";
import type { CallOptions } from "../../oci/call-options.ts";
import { digestOf, type Digest } from "../../oci/digest.ts";
import type { Lease } from "../../state/leases.ts";
import type { PlatformPlan, RunOptions, SharedParts } from "../build-run.ts";
import type { BuildRequest } from "../builder.ts";
import { builderArgs } from "../builder-args.ts";
import { stepsOf } from "../export-image.ts";
import type { Solved, SolveOptions } from "../solving.ts";
import { sourceDate } from "../source-date.ts";
import type { BuildPlan, Vertex } from "../vertex.ts";
import { cacheMember } from "./cache-document.ts";
import type { CacheSource } from "./cache-places.ts";
import { exportCache, inlineRecords, type CacheExportParts, type SolvedPlans } from "./export-cache.ts";
import { ImportedCaches } from "./imported-caches.ts";
import { mountPacker } from "./pack-mounts.ts";

interface Done {
  readonly plans: readonly PlatformPlan[];
  readonly results: ReadonlyMap<Digest, Solved>;
}

/** The caches that one build reads (`--cache-from`) and writes (`--cache-to`). Dispose closes those that are read. */
export class BuildCaches implements AsyncDisposable {
  readonly #parts: SharedParts & { readonly lease: Lease };
  readonly #request: BuildRequest;
  readonly #options: RunOptions;
  readonly #imported: ImportedCaches;
  readonly #remote = new Map<Digest, Digest>();

  constructor(parts: SharedParts & { readonly lease: Lease }, request: BuildRequest, options: RunOptions) {
    this.#parts = parts;
    this.#request = request;
    this.#options = options;
    this.#imported = new ImportedCaches(parts);
  }

  /** Reads the caches. One that is not there, or not to be read, is told of, and the build goes on without. */
  async open(): Promise<void> {
    const { signal, onEvent } = this.#options;
    for (const place of this.#request.cacheFrom ?? []) {
      const name = nameOf(place);
      try {
        await this.#vertex(`[internal] importing cache manifest from ${name}`, () => this.#import(place));
      } catch (error) {
        if (signal.aborted) throw error;
        onEvent({ type: "warning", text: `Cannot use the cache "${name}": ${errorMessage(error)}` });
      }
    }
  }

  async #import(place: CacheSource): Promise<void> {
    const { signal, cacheRegistry } = this.#options;
    const { images } = this.#parts;
    const isHere = place.type === "image" && (await images.has(place.reference));
    const registry = isHere ? (tag: string) => ({ target: images, tag }) : cacheRegistry;
    await this.#imported.add(place, registry, { signal });
  }

  /** What the caches that are read have. */
  get found(): Pick<ImportedCaches, "find"> {
    return this.#imported;
  }

  /** How the solver of a plan comes to what the caches have; nothing when the build reads none. */
  solveOptions(plan: BuildPlan): Pick<SolveOptions, "remote" | "onRemote" | "alsoNeeded"> {
    if ((this.#request.cacheFrom ?? []).length === 0) return {};
    const onRemote = (vertex: Vertex, key: Digest): void => void this.#remote.set(vertex.digest, key);
    return { remote: this.#imported, onRemote, alsoNeeded: stepsOf(plan.target) };
  }

  readonly fillMount = (id: string, directory: string, options: CallOptions): Promise<boolean> =>
    this.#imported.fillMount(id, directory, options);

  /** What stands in an image's config beside what images have there. */
  async inline(done: Done, plan: BuildPlan): Promise<Record<string, unknown>> {
    const { cacheTo = [], buildArgs = {} } = this.#request;
    const isAsked = builderArgs(buildArgs).inlineCache || cacheTo.some(({ type }) => type === "inline");
    if (!isAsked) return {};
    const { signal } = this.#options;
    const records = await inlineRecords(this.#exportParts(), this.#solved(done), plan, { signal });
    return { [cacheMember]: { records } };
  }

  /** Writes all but the inline ones. The first failure ends it, unless failures of that cache are to be ignored. */
  async export(done: Done): Promise<void> {
    const { signal, cacheRegistry, onEvent } = this.#options;
    for (const to of this.#request.cacheTo ?? []) {
      if (to.type === "inline") continue;
      const name = nameOf(to);
      try {
        await this.#vertex(`[internal] exporting cache to ${name}`, () =>
          exportCache(this.#exportParts(), this.#solved(done), to, cacheRegistry, { signal }),
        );
      } catch (error) {
        if (signal.aborted || to.ignoreError !== true) throw error;
        onEvent({ type: "warning", text: `Cannot export the cache to "${name}": ${errorMessage(error)}` });
      }
    }
  }

  #solved({ plans, results }: Done): SolvedPlans {
    return { plans: plans.map(({ plan }) => plan), results, remote: this.#remote };
  }

  #exportParts(): CacheExportParts {
    const { solver, ...parts } = this.#parts;
    const packMount = mountPacker(parts);
    return {
      ...parts,
      cache: solver.cache,
      imported: this.#imported,
      packMount,
      epoch: sourceDate(this.#request),
    };
  }

  async #vertex(name: string, work: () => Promise<void>): Promise<void> {
    const { onEvent } = this.#options;
    const { now } = this.#parts;
    const id = digestOf(`${name} ${crypto.randomUUID()}`);
    onEvent({ type: "vertex", id, name });
    onEvent({ type: "started", id, at: now() });
    try {
      await work();
      onEvent({ type: "completed", id, at: now(), cached: false });
    } catch (error) {
      onEvent({ type: "completed", id, at: now(), cached: false, error: errorMessage(error) });
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#imported[Symbol.asyncDispose]();
  }
}

function nameOf(place: CacheSource): string {
  return place.type === "local" ? place.path : place.reference;
}
