import type { DataUsage } from "../../engine/types/data-usage.ts";
import { humanDuration } from "../../internal/human-duration.ts";
import { humanSize } from "../../internal/human-size.ts";
import { imageRows } from "./listings/images.ts";
import { usageRows } from "./listings/data-usage.ts";
import { ellipsis, formatTable, shortId } from "./table.ts";

/** What `system df -v` prints: a table for each kind, under its title. Pure. `now` in ms since the epoch. */
export function dataUsageDetails(usage: DataUsage, now: number): string {
  const cache = usageRows(usage).at(-1);
  const parts: [string, string][] = [
    ["Images space usage:", imageTable(usage, now)],
    ["Containers space usage:", containerTable(usage, now)],
    ["Local Volumes space usage:", volumeTable(usage)],
    [`Build cache usage: ${humanSize(cache?.size ?? 0)}`, cacheTable(usage, now)],
  ];
  return parts.map(([title, table]) => `${title}\n\n${table}`).join("\n");
}

function imageTable({ Images = [] }: DataUsage, now: number): string {
  const headers = "REPOSITORY,TAG,IMAGE ID,CREATED,SIZE,SHARED SIZE,UNIQUE SIZE,CONTAINERS".split(",");
  const rows = Images.flatMap((image) => imageRows(image, false)).map(({ image, repository, tag }) => [
    repository,
    tag,
    shortId(image.Id),
    `${humanDuration(now - image.Created * 1000)} ago`,
    humanSize(image.Size, 3),
    humanSize(image.SharedSize, 3),
    humanSize(image.Size - image.SharedSize, 3),
    String(image.Containers),
  ]);
  return formatTable(headers, rows);
}

function containerTable({ Containers = [] }: DataUsage, now: number): string {
  const headers = "CONTAINER ID,IMAGE,COMMAND,LOCAL VOLUMES,SIZE,CREATED,STATUS,NAMES".split(",");
  const rows = Containers.map((container) => [
    shortId(container.Id),
    container.Image,
    JSON.stringify(ellipsis(container.Command, 20)),
    String(container.Mounts.filter(({ Driver }) => Driver === "local").length),
    humanSize(container.SizeRw ?? 0, 3),
    `${humanDuration(now - container.Created * 1000)} ago`,
    container.Status,
    container.Names.map((name) => name.replace(/^\//, "")).join(","),
  ]);
  return formatTable(headers, rows);
}

function volumeTable({ Volumes = [] }: DataUsage): string {
  const rows = Volumes.map(({ Name, UsageData }) => [
    Name,
    String(UsageData?.RefCount ?? 0),
    humanSize(Math.max(0, UsageData?.Size ?? 0), 3),
  ]);
  return formatTable(["VOLUME NAME", "LINKS", "SIZE"], rows);
}

function cacheTable({ BuildCache = [] }: DataUsage, now: number): string {
  const headers = "CACHE ID,CACHE TYPE,SIZE,CREATED,LAST USED,USAGE,SHARED".split(",");
  const ago = (time: string) => `${humanDuration(now - Date.parse(time))} ago`;
  const rows = BuildCache.map((item) => [
    item.ID.slice(0, 12),
    item.Type,
    humanSize(item.Size, 3),
    ago(item.CreatedAt),
    item.LastUsedAt === null ? "" : ago(item.LastUsedAt),
    String(item.UsageCount),
    String(item.Shared),
  ]);
  return formatTable(headers, rows);
}
