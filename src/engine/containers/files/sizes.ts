import type { ContainerHost } from "../host.ts";

/** Sizes as Docker counts them: bytes in regular files. */
export interface ContainerSizes {
  /** of what the container wrote */
  readonly SizeRw: number;
  /** of that and its image */
  readonly SizeRootFs: number;
}

/** What a container's files take; 0 for a layer that is gone. Those of an image are measured once. */
export async function containerSizes(
  { snapshotter }: Pick<ContainerHost, "snapshotter">,
  id: string,
): Promise<ContainerSizes> {
  const sizeOf = async (key: string) =>
    (await snapshotter.usage(key).catch(() => undefined))?.contentBytes ?? 0;
  const parentOf = async (key: string) => (await snapshotter.stat(key).catch(() => undefined))?.parent;
  const SizeRw = await sizeOf(id);
  let below = 0;
  for (let key = await parentOf(id); key !== undefined; key = await parentOf(key)) below += await sizeOf(key);
  return { SizeRw, SizeRootFs: SizeRw + below };
}
