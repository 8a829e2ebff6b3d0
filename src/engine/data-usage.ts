import { parseImageConfig } from "../oci/parse-image-config.ts";
import type { CallOptions } from "../oci/call-options.ts";
import { chainID, parseDiffID } from "../oci/digest.ts";
import { cacheItems } from "./cache-items.ts";
import type { ContainerHost } from "./containers/host.ts";
import type { ContainerService, ImageService, VolumeService } from "./engine.ts";
import type { Stores } from "./open-stores.ts";
import type { DataUsage, DataUsageType } from "./types/data-usage.ts";
import type { ImageSummary } from "./types/image.ts";
import type { VolumeInspect } from "./types/volume.ts";

/** What the numbers are taken from. */
export interface DataUsageParts {
  readonly stores: Stores;
  readonly host: ContainerHost;
  readonly images: Pick<ImageService, "list">;
  readonly containers: Pick<ContainerService, "list">;
  readonly volumes: Pick<VolumeService, "list">;
}

/** What of the `wanted` types lies on the disk: sizes, what is shared, and who uses it. */
export async function dataUsage(
  parts: DataUsageParts,
  wanted: readonly DataUsageType[],
  o: CallOptions = {},
): Promise<DataUsage> {
  const asked = (type: DataUsageType) => wanted.includes(type);
  const [images, containers, volumes, cache] = await Promise.all([
    asked("image") ? imageUsage(parts, o) : {},
    asked("container") ? parts.containers.list({ ...o, all: true, size: true }) : undefined,
    asked("volume") ? volumeUsage(parts) : undefined,
    asked("build-cache") ? cacheItems(parts) : undefined,
  ]);
  return {
    ...images,
    ...(containers !== undefined && { Containers: containers }),
    ...(volumes !== undefined && { Volumes: volumes }),
    ...(cache !== undefined && { BuildCache: cache.map(({ item }) => item) }),
  };
}

async function imageUsage(
  parts: DataUsageParts,
  o: CallOptions,
): Promise<Pick<DataUsage, "Images" | "LayersSize">> {
  const summaries = await parts.images.list(o);
  const stacks = new Map(summaries.map(({ Id }) => [Id, layersOf(parts, Id)]));
  const users = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const stack of stacks.values()) {
    for (const { chain, size } of stack) {
      users.set(chain, (users.get(chain) ?? 0) + 1);
      sizes.set(chain, size);
    }
  }
  const shared = (image: ImageSummary) =>
    (stacks.get(image.Id) ?? [])
      .filter(({ chain }) => (users.get(chain) ?? 0) > 1)
      .reduce((sum, { size }) => sum + size, 0);
  const made = parts.host.store.all().map(({ image }) => String(image));
  return {
    LayersSize: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    Images: summaries.map((image) => ({
      ...image,
      SharedSize: shared(image),
      Containers: made.filter((id) => id === image.Id).length,
    })),
  };
}

/** The layers of an image, each by the stack that ends with it: what two images share, they share from below. */
function layersOf({ stores }: DataUsageParts, id: string): { chain: string; size: number }[] {
  const config = parseImageConfig(Buffer.from(stores.images.get(id).config));
  const diffIDs = config.rootfs.diff_ids.map(parseDiffID);
  return diffIDs.flatMap((_, at) => {
    const chain = chainID(diffIDs.slice(0, at + 1));
    const size = chain === undefined ? undefined : stores.layers.get(chain)?.contentSize;
    return chain === undefined ? [] : [{ chain, size: size ?? 0 }];
  });
}

async function volumeUsage({ host, volumes }: DataUsageParts): Promise<VolumeInspect[]> {
  const { Volumes } = await volumes.list();
  const records = host.store.all();
  const usersOf = (name: string) =>
    records.filter(({ mounts }) => mounts.some(({ point }) => point.Name === name)).length;
  return await Promise.all(
    Volumes.map(async (volume) => {
      // Removed meanwhile: nothing is known of its size.
      const Size = await host.volumes.size(volume.Name).catch(() => -1);
      return { ...volume, UsageData: { Size, RefCount: usersOf(volume.Name) } };
    }),
  );
}
