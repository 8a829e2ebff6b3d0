import { SlipwayError } from "../../errors.ts";
import { KeyedMutex } from "../../internal/keyed-mutex.ts";
import { canonicalString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import type { Collection } from "../../state/collection.ts";
import type { ImageHost } from "../images/image-host.ts";
import type { ManifestListOptions, ManifestListService } from "../manifests.ts";
import type { ManifestList, ManifestPlatform, PushedManifestList } from "../types/manifest-list.ts";
import { findEntries } from "./find-entries.ts";
import { annotated, listIndex, withEntries, type ListRecord } from "./list-record.ts";
import { pushList } from "./push-list.ts";

/** The manifest lists of one engine, kept as records of the kind `manifest-list`. */
export class LocalManifests implements ManifestListService {
  readonly #host: ImageHost;
  readonly #records: Collection<ListRecord>;
  readonly #locks = new KeyedMutex();

  constructor(host: ImageHost, records: Collection<ListRecord>) {
    this.#host = host;
    this.#records = records;
  }

  async create(
    list: string,
    images: readonly string[],
    options: ManifestListOptions & { amend?: boolean; local?: boolean } = {},
  ): Promise<ManifestList> {
    const name = fullName(list);
    using _lock = await this.#locks.lock(name);
    const before = this.#records.get(name);
    if (before !== undefined && options.amend !== true) {
      throw new SlipwayError("conflict", "refusing to amend an existing manifest list with no --amend flag");
    }
    let entries = before?.Entries ?? [];
    for (const image of images) entries = withEntries(entries, await findEntries(this.#host, image, options));
    return this.#put({ Name: name, Entries: entries });
  }

  async get(list: string): Promise<ManifestList> {
    return await Promise.resolve(whole(this.#find(list)));
  }

  async annotate(list: string, image: string, said: Partial<ManifestPlatform>): Promise<ManifestList> {
    using _lock = await this.#locks.lock(fullName(list));
    const record = this.#find(list);
    const ref = fullName(image);
    const found = record.Entries.find(({ Ref }) => Ref === ref);
    if (found === undefined) {
      throw new SlipwayError("not_found", `manifest for image ${image} does not exist in ${list}`);
    }
    const platform = annotated(found.Descriptor.platform, said);
    const changed = { ...found, Descriptor: { ...found.Descriptor, platform } };
    return this.#put({ ...record, Entries: withEntries(record.Entries, [changed]) });
  }

  async push(
    list: string,
    options: ManifestListOptions & { purge?: boolean } = {},
  ): Promise<PushedManifestList> {
    const record = this.#find(list);
    const pushed = await pushList(this.#host, record, options);
    if (options.purge === true) this.#records.delete(record.Name);
    return pushed;
  }

  async remove(list: string): Promise<void> {
    if (this.#records.delete(fullName(list))) return await Promise.resolve();
    throw noList(list);
  }

  #find(list: string): ListRecord {
    const found = this.#records.get(fullName(list));
    if (found === undefined) throw noList(list);
    return found;
  }

  #put(record: ListRecord): ManifestList {
    this.#records.put(record.Name, record);
    return whole(record);
  }
}

function whole(record: ListRecord): ManifestList {
  return { ...record, Raw: Buffer.from(listIndex(record.Entries).bytes).toString("base64") };
}

function fullName(text: string): string {
  return canonicalString(withDefaultTag(parseReference(text)));
}

function noList(list: string): SlipwayError {
  return new SlipwayError("not_found", `No such manifest: ${fullName(list)}`);
}
