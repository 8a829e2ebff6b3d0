import type { EngineConfig } from "./config.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { ContainerHost } from "./containers/host.ts";
import { runCheck } from "./disk/check/run-check.ts";
import { explainDisk } from "./disk/explain.ts";
import type { ImageHost } from "./images/image-host.ts";
import { imageDiff } from "./images/image-diff.ts";
import { imageLayers } from "./images/image-layers.ts";
import type { Stores } from "./open-stores.ts";
import type { StoreOptions, StoreService } from "./store.ts";
import type { DiskExplanation, StoreCheck } from "./types/disk.ts";
import type { ImageDiff, ImageLayers } from "./types/image-layers.ts";

export interface StoreParts {
  readonly config: EngineConfig;
  readonly stores: Stores;
  readonly host: ContainerHost;
  readonly images: ImageHost;
}

/** What one engine has on its disk, looked into. */
export class LocalStore implements StoreService {
  readonly #parts: StoreParts;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  layers(name: string, o: StoreOptions = {}): Promise<ImageLayers> {
    return imageLayers(this.#parts, name, o);
  }

  diff(a: string, b: string, o: StoreOptions = {}): Promise<ImageDiff> {
    return imageDiff(this.#parts, a, b, o);
  }

  explain(o?: CallOptions): Promise<DiskExplanation> {
    return explainDisk(this.#parts, o);
  }

  check(o?: CallOptions & { repair?: boolean }): Promise<StoreCheck> {
    return runCheck(this.#parts, o);
  }
}
