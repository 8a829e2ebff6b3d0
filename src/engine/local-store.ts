import type { CallOptions } from "../oci/call-options.ts";
import { runCheck } from "./disk/check/run-check.ts";
import { explainDisk } from "./disk/explain.ts";
import { imageDiff } from "./images/image-diff.ts";
import { imageFiles } from "./images/image-files.ts";
import { imageManifests, type ManifestOptions } from "./images/image-manifests.ts";
import { imageTrees } from "./images/image-tree.ts";
import { MountedImages } from "./images/mounted-images.ts";
import { imageLayers } from "./images/image-layers.ts";
import type { StoreParts } from "./store-parts.ts";
import type { StoreOptions, StoreService } from "./store.ts";
import type { DiskExplanation, StoreCheck } from "./types/disk.ts";
import type {
  ImageDiff,
  ImageFiles,
  ImageLayers,
  ImageManifests,
  ImageTree,
  MountedImage,
} from "./types/image-layers.ts";

/** What one engine has on its disk, looked into. */
export class LocalStore implements StoreService {
  readonly #parts: StoreParts;
  readonly #mounted: MountedImages;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#mounted = new MountedImages(parts);
  }

  layers(name: string, o: StoreOptions = {}): Promise<ImageLayers> {
    return imageLayers(this.#parts, name, o);
  }

  files(name: string, o: StoreOptions = {}): Promise<ImageFiles> {
    return imageFiles(this.#parts, name, o);
  }

  diff(a: string, b: string, o: StoreOptions = {}): Promise<ImageDiff> {
    return imageDiff(this.#parts, a, b, o);
  }

  trees(o?: CallOptions): Promise<ImageTree[]> {
    return imageTrees(this.#parts, o);
  }

  manifest(name: string, o?: ManifestOptions): Promise<ImageManifests> {
    return imageManifests(this.#parts.images, name, o);
  }

  mount(name: string, o?: CallOptions): Promise<MountedImage> {
    return this.#mounted.mount(name, o);
  }

  unmount(name: string): Promise<void> {
    return this.#mounted.unmount(name);
  }

  mounted(): Promise<MountedImage[]> {
    return this.#mounted.list();
  }

  /** Before the engine is taken out of the system. */
  async unmountAll(): Promise<void> {
    for (const { Id } of await this.mounted()) await this.unmount(Id);
  }

  explain(o?: CallOptions): Promise<DiskExplanation> {
    return explainDisk(this.#parts, o);
  }

  check(o?: CallOptions & { repair?: boolean }): Promise<StoreCheck> {
    return runCheck(this.#parts, o);
  }
}
