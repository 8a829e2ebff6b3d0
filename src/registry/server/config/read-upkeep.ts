import type { JsonReader } from "../../../oci/json-shape.ts";
import type { RetentionRule } from "../upkeep/retention.ts";
import { knownKeys, readDuration, readPositive, readSize, readText } from "./config-values.ts";
import type { CollectorConfig, ScrubConfig } from "./server-config.ts";

const leastGraceMs = 600_000;

export function readCollector(json: JsonReader): CollectorConfig {
  knownKeys(json, ["every", "grace", "retention"]);
  const grace = json.member("grace");
  return {
    ...duration(json, "every", "everyMs"),
    ...(!grace.absent && { graceMs: readGrace(grace) }),
    ...json.optional("retention", (item) => item.list(readRule)),
  };
}

export function readScrub(json: JsonReader): ScrubConfig {
  knownKeys(json, ["every", "rate"]);
  const rate = json.member("rate");
  return {
    everyMs: readDuration(json.member("every")),
    ...(!rate.absent && { bytesPerSecond: Math.max(1, readSize(rate)) }),
  };
}

function readRule(json: JsonReader): RetentionRule {
  knownKeys(json, ["repositories", "tags", "keepLast", "keepWithin", "untaggedAfter"]);
  return {
    repositories: readText(json.member("repositories")),
    ...json.optional("tags", readText),
    ...json.optional("keepLast", readPositive),
    ...duration(json, "keepWithin", "keepWithinMs"),
    ...duration(json, "untaggedAfter", "untaggedAfterMs"),
  };
}

function readGrace(json: JsonReader): number {
  const grace = readDuration(json);
  return grace < leastGraceMs
    ? json.fail("must be 10 minutes or more, so that pushes keep their blobs")
    : grace;
}

function duration<K extends string>(json: JsonReader, key: string, name: K): { [P in K]?: number } {
  const item = json.member(key);
  return item.absent ? {} : ({ [name]: readDuration(item) } as { [P in K]?: number });
}
