import type { SystemService } from "../engine/engine.ts";
import { dataUsageTypes, type DataUsage } from "../engine/types/data-usage.ts";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";

/** Engine API, `GET /system/df`: what of the `wanted` types (none: all) lies on the disk. */
export async function dataUsage(
  system: Pick<SystemService, "dataUsage">,
  wanted: readonly string[],
  o: CallOptions,
): Promise<DataUsage> {
  const types = wanted.map((name) => {
    const type = dataUsageTypes.find((known) => known === name);
    if (type === undefined) throw new SlipwayError("invalid_argument", `unknown object type: ${name}`);
    return type;
  });
  return await system.dataUsage({ ...o, ...(types.length > 0 && { types }) });
}
