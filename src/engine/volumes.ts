import { isCode } from "../errors.ts";
import type { Volume } from "../volume/volume.ts";
import type { ByteStream, CallOptions } from "../oci/call-options.ts";
import type { VolumeStore } from "../volume/volume-store.ts";
import type { VolumeService } from "./engine.ts";
import type { Events } from "./events.ts";
import { anyOf, booleanFilter, checkFilters, labelsMatch, type Filters } from "./filters.ts";
import type { VolumeData } from "./volume-data.ts";
import type { VolumeCreate, VolumeInspect } from "./types/volume.ts";

export interface VolumesInput {
  readonly store: VolumeStore;
  readonly data: Pick<VolumeData, "export" | "import" | "clone">;
  /** IDs of the containers, running or not, that have the volume. */
  readonly users: (volumeName: string) => readonly string[];
  readonly events: Pick<Events, "publish">;
}

/** The volumes of a `LocalEngine`. */
export class Volumes implements VolumeService {
  readonly #input: VolumesInput;

  constructor(input: VolumesInput) {
    this.#input = input;
  }

  async list(o: { filters?: Filters } = {}): Promise<{ Volumes: VolumeInspect[]; Warnings: string[] }> {
    const { filters } = o;
    checkFilters(filters, ["dangling", "driver", "label", "label!", "name"]);
    const dangling = booleanFilter(filters, "dangling");
    const found = this.#input.store
      .list()
      .filter(
        (volume) =>
          anyOf(filters, "name", (value) => volume.name.includes(value)) &&
          anyOf(filters, "driver", (value) => volume.driver === value) &&
          labelsMatch(filters, volume.labels) &&
          (dangling === undefined || dangling === (this.#input.users(volume.name).length === 0)),
      );
    return { Volumes: found.map((volume) => this.#document(volume)), Warnings: [] };
  }

  async create(spec: VolumeCreate): Promise<VolumeInspect> {
    const { store, events } = this.#input;
    const known = spec.Name ? store.find(spec.Name) : undefined;
    const volume = await store.create({
      name: spec.Name,
      driver: spec.Driver,
      labels: spec.Labels ?? {},
      options: spec.DriverOpts ?? {},
    });
    if (known === undefined) events.publish("volume", "create", volume.name, { driver: volume.driver });
    return this.#document(volume);
  }

  async inspect(name: string): Promise<VolumeInspect> {
    return this.#document(this.#input.store.get(name));
  }

  async remove(name: string, o: { force?: boolean } = {}): Promise<void> {
    const { store, users, events } = this.#input;
    try {
      await store.remove(name, users(name));
    } catch (error) {
      if (o.force === true && isCode(error, "not_found")) return;
      throw error;
    }
    events.publish("volume", "destroy", name, { driver: "local" });
  }

  async export(name: string, o: CallOptions = {}): Promise<ByteStream> {
    const { store, data } = this.#input;
    return data.export(store.get(name).name, o);
  }

  async import(name: string, archive: ByteStream, o: CallOptions = {}): Promise<VolumeInspect> {
    return await this.#making(name, () => this.#input.data.import(name, archive, o));
  }

  async clone(name: string, copyName: string): Promise<VolumeInspect> {
    return await this.#making(copyName, () => this.#input.data.clone(name, copyName));
  }

  async #making(name: string, make: () => Promise<Volume>): Promise<VolumeInspect> {
    const known = this.#input.store.find(name) !== undefined;
    const volume = await make();
    if (!known) this.#input.events.publish("volume", "create", volume.name, { driver: volume.driver });
    return this.#document(volume);
  }

  /** Anonymous volumes alone, unless the filter `all=true` is set. */
  async prune(o: { filters?: Filters } = {}): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
    const { filters } = o;
    checkFilters(filters, ["all", "label", "label!"]);
    const { store, users } = this.#input;
    const all = booleanFilter(filters, "all") === true;
    const result = { VolumesDeleted: [] as string[], SpaceReclaimed: 0 };
    for (const { name, labels, options } of store.list()) {
      // As Docker: what stands elsewhere, or takes more than a name to be made again, is not pruned.
      if (Object.keys(options).length > 0) continue;
      if (!labelsMatch(filters, labels) || !(all || store.isAnonymous(name))) continue;
      if (users(name).length > 0) continue;
      const size = await store.size(name);
      await this.remove(name);
      result.VolumesDeleted.push(name);
      result.SpaceReclaimed += size;
    }
    return result;
  }

  #document(volume: Volume): VolumeInspect {
    const hasOptions = Object.keys(volume.options).length > 0;
    return {
      Name: volume.name,
      Driver: volume.driver,
      Mountpoint: this.#input.store.path(volume.name),
      CreatedAt: volume.createdAt,
      Labels: Object.keys(volume.labels).length > 0 ? { ...volume.labels } : null,
      Scope: "local",
      Options: hasOptions ? { ...volume.options } : null,
    };
  }
}
