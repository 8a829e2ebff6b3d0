import { applyChanges } from "../../../build/plan/apply-changes.ts";
import { writeBytes } from "../../../content/write-blob.ts";
import { SlipwayError } from "../../../errors.ts";
import { readImage } from "../../../image/read-image.ts";
import type { CallOptions } from "../../../oci/call-options.ts";
import type { Descriptor } from "../../../oci/descriptor.ts";
import { parseDigest, type Digest } from "../../../oci/digest.ts";
import type { ImageConfig, ImageRunConfig } from "../../../oci/image-config.ts";
import { mediaTypes } from "../../../oci/media-types.ts";
import type { Mount } from "../../../oci/mount.ts";
import type { Lease } from "../../../state/leases.ts";
import type { CommitOptions } from "../../container-files.ts";
import { nameOfNewImage } from "../../images/name-of-new-image.ts";
import type { Stores } from "../../open-stores.ts";
import type { ContainerConfig } from "../../types/container-config.ts";
import { frozen } from "./frozen.ts";
import { publishEvent, type ContainerHost } from "../host.ts";
import { mergeConfig } from "../create/merge-config.ts";
import { commandOf, type ContainerRecord } from "../record.ts";

/** What a commit needs beside the container. */
export type CommitStores = Pick<Stores, "content" | "differ" | "images" | "unpacker">;

/**
 * Makes an image of a container: the image it stands on, one more layer with what it changed, and its configuration
 * with `changes`. Unless `pause` is false its processes stand still while the layer is packed. Throws `not_found`,
 * `invalid_argument` for a change or a name that is wrong, `conflict` while the container is being removed.
 */
export async function commitContainer(
  host: ContainerHost,
  stores: CommitStores,
  name: string,
  o: CallOptions & CommitOptions,
): Promise<{ Id: string }> {
  const { id } = host.store.get(name);
  const reference = o.reference === undefined ? undefined : nameOfNewImage(o.reference, "commit to");
  return await host.locks.run(id, async () => {
    const record = host.store.get(id);
    if (record.state.status === "removing" || record.state.status === "dead") {
      const why = `You cannot commit container ${id} which is ${record.state.status === "dead" ? "Dead" : "being removed"}`;
      throw new SlipwayError("conflict", why);
    }
    const base = await readImage(stores.content, host.images.get(record.image).manifest, o);
    const run = runConfig(record, base.config, o);
    using lease = host.leases.create("commit");
    const layer = await frozen(host, record, o.pause !== false, async () =>
      storeChanges(stores, lease, await host.snapshotter.mounts(id), o),
    );
    const config = imageConfig(base.config, run, layer.digest, { record, o, now: host.now() });
    const image = await putImage(stores, lease, config, [...base.manifest.layers, layer]);
    const made = await readImage(stores.content, image, o);
    // Its size is known, and a run of it starts at once, when it is unpacked.
    await stores.unpacker.unpack(made.manifest, made.config, stores.images, { lease, signal: o.signal });
    await stores.images.put(image, o);
    if (reference !== undefined) await stores.images.tag(image, reference, o);
    const Id = made.manifest.config.digest;
    publishEvent(host, record, "commit", {
      comment: o.comment ?? "",
      imageID: Id,
      imageRef: reference ?? "",
    });
    return { Id };
  });
}

/** Uncompressed, so that the blob's digest is the layer's diffID. It is held before it has its name. */
async function storeChanges(
  { content, differ }: CommitStores,
  lease: Lease,
  mounts: readonly Mount[],
  o: CallOptions,
): Promise<Descriptor> {
  await using writer = await content.ingest(`commit/${crypto.randomUUID()}`);
  try {
    const write = (chunk: Uint8Array) => writer.write(chunk);
    const { diffID, size } = await differ.packTree(mounts, write, { signal: o.signal });
    const hold = (digest: Digest) => lease.add(`blob/${digest}`);
    const blob = await writer.commit({ digest: parseDigest(diffID), size, hold });
    return { ...blob, mediaType: mediaTypes.ociLayer };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** What was asked for, then the container's own, then the changes. */
function runConfig(record: ContainerRecord, image: ImageConfig, o: CommitOptions): ImageRunConfig {
  const own: ImageRunConfig = imageRunConfig(record.config);
  const asked = o.config === undefined ? own : imageRunConfig(mergeConfig(o.config, own));
  return applyChanges({ ...image, config: asked }, o.changes ?? []);
}

/** What of a container's configuration an image keeps. */
function imageRunConfig(config: ContainerConfig): ImageRunConfig {
  const {
    User,
    ExposedPorts,
    Env,
    Entrypoint,
    Cmd,
    Volumes,
    WorkingDir,
    Labels,
    StopSignal,
    StopTimeout,
    Healthcheck,
    Shell,
    OnBuild,
  } = config;
  const given = {
    User: User || undefined,
    ExposedPorts: filled(ExposedPorts),
    Env: Env ?? [],
    Entrypoint: Entrypoint?.length ? Entrypoint : undefined,
    Cmd: Cmd?.length ? Cmd : undefined,
    Volumes: filled(Volumes),
    WorkingDir: WorkingDir || undefined,
    Labels: Labels && Object.keys(Labels).length > 0 ? Labels : undefined,
    StopSignal: StopSignal || undefined,
    StopTimeout: StopTimeout ?? undefined,
    Healthcheck: Healthcheck ?? undefined,
    Shell: Shell?.length ? Shell : undefined,
    OnBuild: OnBuild?.length ? OnBuild : undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function filled(keys: Record<string, object> | null | undefined): Record<string, object> | undefined {
  if (keys == null || Object.keys(keys).length === 0) return undefined;
  return Object.fromEntries(Object.keys(keys).map((key) => [key, {}]));
}

function imageConfig(
  base: ImageConfig,
  run: ImageRunConfig,
  diffID: string,
  { record, o, now }: { record: ContainerRecord; o: CommitOptions; now: number },
): ImageConfig {
  const created = new Date(now).toISOString();
  const entry = {
    created,
    created_by: commandOf(record.config).join(" "),
    ...(o.author ? { author: o.author } : {}),
    ...(o.comment ? { comment: o.comment } : {}),
  };
  const { author: _author, ...rest } = base;
  return {
    ...rest,
    created,
    ...(o.author ? { author: o.author } : {}),
    config: run,
    rootfs: { type: "layers", diff_ids: [...base.rootfs.diff_ids, diffID] },
    history: [...(base.history ?? []), entry],
  };
}

/** Stores config and manifest. */
export async function putImage(
  { content }: Pick<CommitStores, "content">,
  lease: Lease,
  config: ImageConfig,
  layers: readonly Descriptor[],
): Promise<Descriptor> {
  const put = (mediaType: string, document: object) =>
    writeBytes(content, mediaType, Buffer.from(JSON.stringify(document)), (digest) =>
      lease.add(`blob/${digest}`),
    );
  const stored = await put(mediaTypes.ociConfig, config);
  return await put(mediaTypes.ociManifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: stored,
    layers,
  });
}
