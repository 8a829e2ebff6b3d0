import { SlipwayError } from "../../errors.ts";
import type { ImageRecord } from "../../image/image-records.ts";
import { familiarString, parseReference, repositoryName } from "../../oci/reference.ts";
import { isDigest } from "../../oci/digest.ts";
import type { ImageDeleteItem } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";

/**
 * Docker's rules: a name takes that name away, and the image with its last one; an ID takes all names of one
 * repository away. Throws `conflict` while containers or several repositories hold it, unless `force`; a running
 * container holds it always.
 */
export async function removeImage(host: ImageHost, name: string, force: boolean): Promise<ImageDeleteItem[]> {
  const record = host.images.get(name);
  const names = namesToDrop(host, record, name, force);
  const left = host.images.records.tagsOf(record.id).filter(({ reference }) => !names.includes(reference));
  if (left.length === 0) checkUnused(host, record, name, force);
  const items = names.map((reference) => untag(host, record, reference));
  if (left.length > 0) return items;
  const digests = host.images.records.repoDigestsOf(record.id);
  items.push(...digests.map((digest) => ({ Untagged: familiarString(parseReference(digest)) })));
  host.images.delete(record.id);
  host.events.publish("image", "delete", record.id, { name: record.id });
  await host.collect();
  return [...items, { Deleted: record.id }];
}

function untag(host: ImageHost, record: ImageRecord, reference: string): ImageDeleteItem {
  host.images.untag(reference);
  host.events.publish("image", "untag", record.id, { name: record.id });
  return { Untagged: familiarString(parseReference(reference)) };
}

/** The canonical tags that go. */
function namesToDrop(host: ImageHost, record: ImageRecord, name: string, force: boolean): string[] {
  const tags = host.images.records.tagsOf(record.id).map(({ reference }) => reference);
  const byTag = tags.find((tag) => isSpelledAs(tag, name));
  if (byTag !== undefined) return [byTag];
  const repositories = new Set(tags.map((tag) => repositoryName(parseReference(tag))));
  if (repositories.size > 1 && !force) {
    const short = record.id.slice(7, 19);
    const what = "image is referenced in multiple repositories";
    throw new SlipwayError("conflict", `conflict: unable to delete ${short} (must be forced) - ${what}`);
  }
  return tags;
}

function isSpelledAs(tag: string, name: string): boolean {
  if (isDigest(name)) return false;
  const short = familiarString(parseReference(tag));
  return [tag, short].some((text) => text === name || text === `${name}:latest`);
}

function checkUnused(host: ImageHost, record: ImageRecord, name: string, force: boolean): void {
  const containers = host.containersOf(record.id);
  const running = containers.find((container) => container.running);
  const holder = running ?? (force ? undefined : containers[0]);
  if (holder === undefined) return;
  const how = running === undefined ? "must be forced" : "cannot be forced";
  const state = running === undefined ? "stopped" : "running";
  const what = isDigest(name) || /^[0-9a-f]+$/.test(name) ? "delete" : "remove repository reference";
  const shown = what === "delete" ? record.id.slice(7, 19) : `"${name}"`;
  const by = `container ${holder.id.slice(0, 12)} is using its referenced image ${record.id.slice(7, 19)}`;
  const detail =
    what === "delete" ? `image is being used by ${state} container ${holder.id.slice(0, 12)}` : by;
  throw new SlipwayError("conflict", `conflict: unable to ${what} ${shown} (${how}) - ${detail}`);
}
