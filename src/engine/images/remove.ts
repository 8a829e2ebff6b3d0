import { SlipwayError } from "../../errors.ts";
import type { ImageRecord } from "../../image/image-records.ts";
import {
  canonicalString,
  familiarString,
  parseReference,
  repositoryName,
  withDefaultTag,
} from "../../oci/reference.ts";
import type { Digest } from "../../oci/digest.ts";
import type { ImageDeleteItem } from "../types/image.ts";
import type { ImageHost } from "./image-host.ts";

/**
 * Docker's rules: a name takes that name away, and the image with its last one, unless a container has it still; an ID
 * takes the image away with its name, when it has but one. Throws `conflict` while a container or several names hold
 * it, unless `force`; a running container holds an image that is named by its ID always.
 */
export async function removeImage(host: ImageHost, name: string, force: boolean): Promise<ImageDeleteItem[]> {
  const record = host.images.get(name);
  const isNamed = !isIdPrefix(record.id, name);
  const items = isNamed ? removeName(host, record, name, force) : removeOnlyName(host, record, force);
  if (isNamed && namesOf(host, record.id).length > 0) return items;
  const conflict = conflictOf(host, record, { force, named: true });
  if (conflict !== undefined) {
    // It lost its name, and that was asked for.
    if (isNamed && conflict.used) return items;
    throw conflict.error;
  }
  items.push(...namesOf(host, record.id).map((reference) => untag(host, record, reference)));
  host.images.delete(record.id);
  host.events.publish("image", "delete", record.id, { name: record.id });
  await host.collect();
  return [...items, { Deleted: record.id }];
}

function isIdPrefix(id: Digest, name: string): boolean {
  return id.startsWith(name) || id.slice("sha256:".length).startsWith(name);
}

/** Tags and digests in repositories, canonical. */
function namesOf({ images: { records } }: ImageHost, id: Digest): string[] {
  return [...records.tagsOf(id).map(({ reference }) => reference), ...records.repoDigestsOf(id)];
}

function removeName(host: ImageHost, record: ImageRecord, name: string, force: boolean): ImageDeleteItem[] {
  const [holder] = host.containersOf(record.id);
  if (!force && holder !== undefined && hasOneName(namesOf(host, record.id))) {
    const by = `container ${short(holder.id)} is using its referenced image ${short(record.id.slice(7))}`;
    const what = `conflict: unable to remove repository reference "${name}" (must force) - ${by}`;
    throw new SlipwayError("conflict", what);
  }
  const reference = canonicalString(withDefaultTag(parseReference(name)));
  const repository = repositoryName(parseReference(reference));
  const items = [untag(host, record, reference)];
  const left = namesOf(host, record.id).filter((one) => repositoryName(parseReference(one)) === repository);
  // The digests of a repository go with its last tag.
  if (!reference.includes("@") && left.every(isDigestName))
    items.push(...left.map((digest) => untag(host, record, digest)));
  return items;
}

/** The name of an image that is asked for by its ID goes with it when it has no other. */
function removeOnlyName(host: ImageHost, record: ImageRecord, force: boolean): ImageDeleteItem[] {
  const names = namesOf(host, record.id);
  if (!hasOneName(names)) return [];
  const conflict = conflictOf(host, record, { force, named: false });
  if (conflict !== undefined) throw conflict.error;
  return names.map((name) => untag(host, record, name));
}

/** One tag or digest, or one tag with digests of its own repository alone. */
function hasOneName(names: readonly string[]): boolean {
  const tags = names.filter((name) => !isDigestName(name));
  if (names.length <= 1 || tags.length > 1) return names.length === 1;
  return new Set(names.map((name) => repositoryName(parseReference(name)))).size === 1;
}

function isDigestName(name: string): boolean {
  return name.includes("@");
}

interface Conflict {
  /** By a container. */
  readonly used: boolean;
  readonly error: SlipwayError;
}

/** What holds an image. `named`: also its names do. */
function conflictOf(
  host: ImageHost,
  record: ImageRecord,
  { force, named }: { force: boolean; named: boolean },
): Conflict | undefined {
  const conflict = (how: string, why: string, used: boolean): Conflict => {
    const what = `conflict: unable to delete ${short(record.id.slice(7))} (${how}) - ${why}`;
    return { used, error: new SlipwayError("conflict", what) };
  };
  const containers = host.containersOf(record.id);
  const by = (state: string, id: string) => `image is being used by ${state} container ${short(id)}`;
  const running = containers.find((container) => container.running);
  if (running !== undefined) return conflict("cannot be forced", by("running", running.id), true);
  if (force) return undefined;
  if (named && namesOf(host, record.id).length > 0)
    return conflict("must be forced", "image is referenced in multiple repositories", false);
  const [stopped] = containers;
  return stopped && conflict("must be forced", by("stopped", stopped.id), true);
}

function short(id: string): string {
  return id.slice(0, 12);
}

function untag(host: ImageHost, record: ImageRecord, reference: string): ImageDeleteItem {
  host.images.untag(reference);
  host.events.publish("image", "untag", record.id, { name: record.id });
  return { Untagged: familiarString(parseReference(reference)) };
}
