import { SlipwayError } from "../../errors.ts";
import { imageHistory, layerSizes } from "../../image/history.ts";
import type { ImageRecord } from "../../image/image-records.ts";
import type { ByteStream, CallOptions } from "../../oci/call-options.ts";
import { familiarString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import type {
  ImageService,
  ImportOptions,
  PullOptions,
  PushOptions,
  SaveOptions,
  SearchOptions,
} from "../engine.ts";
import { booleanFilter, checkFilters, labelsMatch, type Filters } from "../filters.ts";
import { streamLines } from "../stream-lines.ts";
import { untilFilter } from "../until-filter.ts";
import type {
  DistributionInspect,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImageSearchItem,
  ImageSummary,
  RegistryAuth,
  TransferProgress,
} from "../types/image.ts";
import { loadImages, saveImages } from "./archive.ts";
import { inspectDistribution } from "./distribution.ts";
import type { ImageHost } from "./image-host.ts";
import { ImageViews } from "./image-view.ts";
import { importImage } from "./import.ts";
import { withMatchingNames } from "./reference-filter.ts";
import { pullImages } from "./pull.ts";
import { pushImage } from "./push.ts";
import { removeImage } from "./remove.ts";
import { searchImages } from "./search.ts";

const listFilters = ["before", "dangling", "label", "label!", "reference", "since", "until"];

/** The images of one engine. */
export class LocalImages implements ImageService {
  readonly #host: ImageHost;
  readonly #views: ImageViews;

  constructor(host: ImageHost) {
    this.#host = host;
    this.#views = new ImageViews(host);
  }

  async list(o: CallOptions & { filters?: Filters } = {}): Promise<ImageSummary[]> {
    checkFilters(o.filters, listFilters);
    const dangling = booleanFilter(o.filters, "dangling");
    const summaries = this.#views.summaries();
    const placed = this.#placed(summaries, o.filters);
    // Of several times the first counts, as in Docker.
    const untils = (o.filters?.["until"] ?? []).map((until) => untilFilter({ until: [until] }));
    return placed
      .filter((image) => untils.every((isOld) => isOld(this.#createdAt(image.Id))))
      .filter((image) => dangling === undefined || (image.RepoTags.length === 0) === dangling)
      .filter((image) => labelsMatch(o.filters, image.Labels))
      .flatMap((image) => withMatchingNames(o.filters?.["reference"], image))
      .toSorted((a, b) => b.Created - a.Created);
  }

  async inspect(name: string): Promise<ImageInspect> {
    return this.#views.inspect(this.#host.images.get(name));
  }

  async history(name: string): Promise<ImageHistoryItem[]> {
    const record = this.#host.images.get(name);
    const config = this.#views.config(record);
    const tags = this.#views.inspect(record).RepoTags;
    return imageHistory({ id: record.id, config, tags }, layerSizes(config, this.#host.layers));
  }

  async tag(name: string, reference: string): Promise<void> {
    const target = parseReference(reference);
    if (target.digest !== undefined)
      throw new SlipwayError("invalid_argument", "refusing to create a tag with a digest reference");
    await this.#host.images.tagAs(name, reference);
    const shown = familiarString(withDefaultTag(target));
    this.#host.events.publish("image", "tag", this.#host.images.get(reference).id, { name: shown });
  }

  remove(name: string, o: CallOptions & { force?: boolean } = {}): Promise<ImageDeleteItem[]> {
    return removeImage(this.#host, name, o.force === true);
  }

  pull(reference: string, o: CallOptions & PullOptions = {}): AsyncIterable<TransferProgress> {
    return streamLines(
      (report, signal) => pullImages(this.#host, reference, { ...o, signal }, report),
      o.signal,
    );
  }

  push(reference: string, o: CallOptions & PushOptions = {}): AsyncIterable<TransferProgress> {
    return streamLines(
      (report, signal) => pushImage(this.#host, reference, { ...o, signal }, report),
      o.signal,
    );
  }

  save(names: readonly string[], o: CallOptions & SaveOptions = {}): Promise<ByteStream> {
    return saveImages(this.#host, names, o);
  }

  load(
    archive: ByteStream,
    o: CallOptions & { platform?: string } = {},
  ): AsyncIterable<TransferProgress & { stream?: string }> {
    return streamLines(
      (report, signal) => loadImages(this.#host, archive, { ...o, signal }, report),
      o.signal,
    );
  }

  import(source: ByteStream | URL, o: CallOptions & ImportOptions = {}): AsyncIterable<TransferProgress> {
    return streamLines(
      (report, signal) => importImage(this.#host, source, { ...o, signal }, report),
      o.signal,
    );
  }

  search(term: string, o: CallOptions & SearchOptions = {}): Promise<ImageSearchItem[]> {
    return searchImages(this.#host, term, o);
  }

  distribution(name: string, o?: CallOptions & { auth?: RegistryAuth }): Promise<DistributionInspect> {
    return inspectDistribution(this.#host, name, o);
  }

  async prune(
    o: CallOptions & { filters?: Filters } = {},
  ): Promise<{ ImagesDeleted: ImageDeleteItem[]; SpaceReclaimed: number }> {
    checkFilters(o.filters, ["dangling", "label", "label!", "until"]);
    const onlyDangling = booleanFilter(o.filters, "dangling") ?? true;
    const isOld = untilFilter(o.filters);
    const deleted: ImageDeleteItem[] = [];
    for (const record of this.#host.images.records.list()) {
      if (!isOld(this.#views.summary(record).Created * 1000)) continue;
      if (this.#isUnused(record, onlyDangling, o.filters)) deleted.push(...this.#forget(record));
    }
    return { ImagesDeleted: deleted, SpaceReclaimed: await this.#host.collect() };
  }

  #isUnused(record: ImageRecord, onlyDangling: boolean, filters: Filters | undefined): boolean {
    if (this.#host.containersOf(record.id).length > 0) return false;
    if (onlyDangling && this.#host.images.records.tagsOf(record.id).length > 0) return false;
    return labelsMatch(filters, this.#views.config(record).config?.Labels ?? null);
  }

  #forget(record: ImageRecord): ImageDeleteItem[] {
    const untagged = this.#views.summary(record).RepoTags.map((tag) => ({ Untagged: tag }));
    this.#host.images.delete(record.id);
    this.#host.events.publish("image", "delete", record.id, { name: record.id });
    return [...untagged, { Deleted: record.id }];
  }

  /** Milliseconds since the epoch: finer than what a list shows. */
  #createdAt(name: string): number {
    const { created } = this.#views.config(this.#host.images.get(name));
    return Date.parse(created ?? "1970-01-01T00:00:00Z");
  }

  #placed(summaries: readonly ImageSummary[], filters: Filters | undefined): ImageSummary[] {
    const created = (name: string) => this.#createdAt(name);
    const before = (filters?.["before"] ?? []).map(created);
    const since = (filters?.["since"] ?? []).map(created);
    if (before.length === 0 && since.length === 0) return [...summaries];
    return summaries.filter(({ Id }) => {
      const made = created(Id);
      return before.every((time) => made < time) && since.every((time) => made > time);
    });
  }
}
