import type { ImageRecord } from "../../image/image-records.ts";
import { knownLayerSizes } from "../../image/history.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageConfig } from "../../oci/image-config.ts";
import { parseImageConfig } from "../../oci/parse-image-config.ts";
import { familiarString, parseReference } from "../../oci/reference.ts";
import type { ImageInspect, ImageSummary } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";

/** Parsed configs by image ID: an ID stands for the same bytes for ever. */
const parsedLimit = 4096;

interface Entry {
  readonly config: ImageConfig;
  /** Undefined until every layer is known. */
  size: number | undefined;
}

/** Turns image records into the API's documents. Keeps what it parsed. */
export class ImageViews {
  readonly #host: ImageHost;
  readonly #parsed = new Map<Digest, Entry>();
  #listed: { readonly generation: number; readonly summaries: readonly ImageSummary[] } | undefined;

  constructor(host: ImageHost) {
    this.#host = host;
  }

  config(record: ImageRecord): ImageConfig {
    return this.#entry(record).config;
  }

  /** Bytes in the files of all layers, as Docker counts; a layer that was never unpacked counts as nothing. */
  size(record: ImageRecord): number {
    const entry = this.#entry(record);
    if (entry.size !== undefined) return entry.size;
    const sizes = knownLayerSizes(entry.config, this.#host.layers);
    const sum = sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
    if (!sizes.includes(undefined)) entry.size = sum;
    return sum;
  }

  /** Of every image, newest first, as they came. Worked out anew only when images, names or sizes have changed. */
  summaries(): readonly ImageSummary[] {
    const { images } = this.#host;
    if (this.#listed?.generation === images.generation) return this.#listed.summaries;
    const { generation } = images;
    const records = images.records.list();
    const summaries = records.map((record) => this.summary(record));
    const isFinal = records.every(({ id }) => this.#parsed.get(id)?.size !== undefined);
    this.#listed = isFinal ? { generation, summaries } : undefined;
    return summaries;
  }

  summary(record: ImageRecord): ImageSummary {
    const config = this.config(record);
    return {
      Id: record.id,
      ParentId: "",
      ...this.#names(record),
      Created: Math.floor(Date.parse(config.created ?? "1970-01-01T00:00:00Z") / 1000),
      Size: this.size(record),
      SharedSize: -1,
      Labels: config.config?.Labels ?? null,
      Containers: -1,
    };
  }

  inspect(record: ImageRecord): ImageInspect {
    const config = this.config(record);
    const tagged = this.#host.images.records.tagsOf(record.id).map(({ updatedAt }) => updatedAt.getTime());
    return {
      Id: record.id,
      ...this.#names(record),
      Parent: "",
      Comment: config.history?.at(-1)?.comment ?? "",
      Created: config.created ?? "",
      DockerVersion: "",
      Author: config.author ?? "",
      Config: config.config ?? null,
      Architecture: config.architecture,
      ...(config.variant === undefined ? {} : { Variant: config.variant }),
      Os: config.os,
      ...(config["os.version"] === undefined ? {} : { OsVersion: config["os.version"] }),
      Size: this.size(record),
      GraphDriver: { Name: "overlay2", Data: null },
      RootFS: { Type: "layers", Layers: [...config.rootfs.diff_ids] },
      Metadata: { LastTagTime: new Date(Math.max(record.createdAt.getTime(), ...tagged)).toISOString() },
    };
  }

  #names(record: ImageRecord): { RepoTags: string[]; RepoDigests: string[] } {
    const { records } = this.#host.images;
    return {
      RepoTags: records.tagsOf(record.id).map(({ reference }) => familiarString(parseReference(reference))),
      RepoDigests: records.repoDigestsOf(record.id).map((text) => familiarString(parseReference(text))),
    };
  }

  #entry(record: ImageRecord): Entry {
    const known = this.#parsed.get(record.id);
    if (known !== undefined) return known;
    if (this.#parsed.size >= parsedLimit) this.#parsed.clear();
    const entry = { config: parseImageConfig(Buffer.from(record.config)), size: undefined };
    this.#parsed.set(record.id, entry);
    return entry;
  }
}
