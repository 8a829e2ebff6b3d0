import type { DataUsage } from "../../engine/types/data-usage.ts";
import { imageSummaryAnswer } from "./image-answers.ts";

/** `GET /info` as API `version` (its minor) has it, of the document of the newest one. */
export function infoAnswer(info: Record<string, unknown>, version: number): object {
  const { DiscoveredDevices, FirewallBackend, CDISpecDirs, ...rest } = info;
  return {
    ...rest,
    ...(version >= 50 && DiscoveredDevices !== undefined && { DiscoveredDevices }),
    ...(version >= 49 && FirewallBackend !== undefined && { FirewallBackend }),
    ...(version >= 46 && CDISpecDirs !== undefined && { CDISpecDirs }),
    ...(version < 42 && { KernelMemory: false, KernelMemoryTCP: false }),
    ...(version < 44 && { ClusterStore: "", ClusterAdvertise: "" }),
    ...(version < 25 && {
      SecurityOptions: oldSecurityOptions(rest["SecurityOptions"]),
      ExecutionDriver: "<not supported>",
    }),
  };
}

/** Before 1.25 the names alone. */
function oldSecurityOptions(options: unknown): string[] {
  if (!Array.isArray(options)) return [];
  return options.map((text) => /name=([^,]*)/.exec(String(text))?.[1] ?? String(text));
}

/** `GET /system/df`. */
export function dataUsageAnswer(usage: DataUsage, version: number): object {
  const { BuildCache, Images } = usage;
  return {
    ...usage,
    ...(Images != null && { Images: Images.map((image) => imageSummaryAnswer(image, version)) }),
    ...(BuildCache != null && {
      BuildCache: BuildCache.map(({ Parents, ...item }) => ({
        ...item,
        ...(version < 42 ? { Parent: Parents?.[0] ?? "" } : { Parents }),
      })),
    }),
    ...(version < 42 && { BuilderSize: (BuildCache ?? []).reduce((sum, { Size }) => sum + Size, 0) }),
  };
}
