import type { DataUsage } from "../../../engine/types/data-usage.ts";
import { humanSize } from "../../../internal/human-size.ts";
import type { Listing } from "../listing.ts";

/** One line of `system df`. */
export interface UsageRow {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  /** bytes */
  readonly size: number;
  readonly reclaimable: number;
  /** How much of the whole that is, is shown as well. */
  readonly hasShare: boolean;
}

export const dataUsageListing: Listing<UsageRow> = {
  shown: ["Type", "TotalCount", "Active", "Size", "Reclaimable"],
  quiet: "Type",
  columns: [
    { name: "Type", header: "TYPE", value: ({ type }) => type },
    { name: "TotalCount", header: "TOTAL", value: ({ total }) => String(total) },
    { name: "Active", header: "ACTIVE", value: ({ active }) => String(active) },
    { name: "Size", header: "SIZE", value: ({ size }) => humanSize(size) },
    { name: "Reclaimable", header: "RECLAIMABLE", value: reclaimableText },
  ],
};

function reclaimableText({ size, reclaimable, hasShare }: UsageRow): string {
  const share = hasShare && size > 0 ? ` (${Math.trunc((reclaimable * 100) / size)}%)` : "";
  return humanSize(reclaimable) + share;
}

/** The four lines, in Docker's order. Pure. */
export function usageRows(usage: DataUsage): UsageRow[] {
  return [imageRow(usage), containerRow(usage), volumeRow(usage), cacheRow(usage)];
}

/** An image in use holds what is its own alone; what images share goes with the last of them. */
function imageRow({ Images = [], LayersSize = 0 }: DataUsage): UsageRow {
  const active = Images.filter(({ Containers }) => Containers > 0);
  const held = sum(active.map(({ Size, SharedSize }) => Size - SharedSize));
  return {
    type: "Images",
    total: Images.length,
    active: active.length,
    size: LayersSize,
    reclaimable: LayersSize - held,
    hasShare: true,
  };
}

function containerRow({ Containers = [] }: DataUsage): UsageRow {
  const isActive = (state: string) => ["running", "paused", "restarting"].includes(state);
  const sizes = (active: boolean) =>
    Containers.filter(({ State }) => isActive(State) === active).map(({ SizeRw }) => SizeRw ?? 0);
  const [active, rest] = [sizes(true), sizes(false)];
  return {
    type: "Containers",
    total: Containers.length,
    active: active.length,
    size: sum(active) + sum(rest),
    reclaimable: sum(rest),
    hasShare: true,
  };
}

function volumeRow({ Volumes = [] }: DataUsage): UsageRow {
  const known = Volumes.map(({ UsageData }) => UsageData ?? { Size: 0, RefCount: 0 });
  const size = (used: boolean) =>
    sum(known.filter(({ RefCount }) => RefCount > 0 === used).map(({ Size }) => Math.max(0, Size)));
  return {
    type: "Local Volumes",
    total: Volumes.length,
    active: known.filter(({ RefCount }) => RefCount > 0).length,
    size: size(true) + size(false),
    reclaimable: size(false),
    hasShare: true,
  };
}

/** What is an image's layer too is counted there. */
function cacheRow({ BuildCache = [] }: DataUsage): UsageRow {
  const own = BuildCache.filter(({ Shared }) => !Shared);
  return {
    type: "Build Cache",
    total: BuildCache.length,
    active: BuildCache.filter(({ InUse }) => InUse).length,
    size: sum(own.map(({ Size }) => Size)),
    reclaimable: sum(own.filter(({ InUse }) => !InUse).map(({ Size }) => Size)),
    hasShare: false,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
