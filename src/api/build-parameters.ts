import type { BuildRequest } from "../build/builder.ts";
import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import { parsePlatform } from "../oci/platform.ts";
import { canonicalString, familiarString, parseReference, withDefaultTag } from "../oci/reference.ts";
import type { Query } from "./query.ts";
import { integer, listOf, mapOf, nullable, objectWith, text } from "./schema.ts";

/** What the engine cannot do yet: leaving it out silently would change what happens. */
const unsupported = ["cgroupparent", "outputs"] as const;

/**
 * The request of a `POST /build` (Engine API, "Build an image") with its tar. Accepted without effect, since the
 * result is the same: `rm`, `forcerm`, `version=1`, `isolation=default`, `session`, `buildid`. Throws
 * `invalid_argument`, and `not_implemented` for what would change the result.
 */
export function buildParameters(query: Query, tar: ByteStream): BuildRequest {
  refuseUnsupported(query);
  const remote = query.text("remote");
  const [target, platform, shmSize] = [
    query.text("target"),
    query.text("platform"),
    query.integer("shmsize"),
  ];
  return {
    context: remote === undefined ? { kind: "tar", stream: tar } : { kind: "remote", url: remote },
    dockerfile: { path: query.text("dockerfile") ?? "Dockerfile" },
    tags: query.all("t").map(buildTag),
    buildArgs: buildArgs(query),
    labels: mapOf(text)(query.json("labels") ?? {}, "labels"),
    noCache: query.flag("nocache"),
    pull: query.flag("pull"),
    cacheFrom: cacheFrom(query),
    squash: query.flag("squash"),
    network: networkMode(query.text("networkmode")),
    resources: resources(query),
    ulimits: listOf(ulimit)(query.json("ulimits") ?? [], "ulimits").map(({ Name, Soft, Hard }) => {
      return { name: Name, soft: Soft, hard: Hard };
    }),
    extraHosts: query.all("extrahosts").flatMap((hosts) => hosts.split(",")),
    ...(target !== undefined && { target }),
    ...(platform !== undefined && { platforms: platform.split(",").map((each) => parsePlatform(each)) }),
    ...(shmSize !== undefined && shmSize > 0 && { shmSize }),
  };
}

const ulimit = objectWith(["Name", "Soft", "Hard"], { Name: text, Soft: integer, Hard: integer });

/** Zero and an empty text are as if they were not given. */
function resources(query: Query): NonNullable<BuildRequest["resources"]> {
  const given = {
    memory: query.integer("memory"),
    memorySwap: query.integer("memswap"),
    cpuShares: query.integer("cpushares"),
    cpuPeriod: query.integer("cpuperiod"),
    cpuQuota: query.integer("cpuquota"),
    cpusetCpus: query.text("cpusetcpus"),
    cpusetMems: query.text("cpusetmems"),
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== 0 && value !== ""),
  );
}

/** `t1` is `t1:latest`. Throws `invalid_argument` for a digest, which a build cannot promise. */
function buildTag(tag: string): string {
  const reference = withDefaultTag(parseReference(tag));
  if (reference.digest !== undefined) {
    throw new SlipwayError("invalid_argument", "build tag cannot contain a digest");
  }
  return familiarString(reference);
}

/** Null: the client has no value, so the Dockerfile's default stands. */
function buildArgs(query: Query): Record<string, string> {
  const given = mapOf(nullable(text))(query.json("buildargs") ?? {}, "buildargs");
  return Object.fromEntries(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

/** Images that carry a cache. */
function cacheFrom(query: Query): NonNullable<BuildRequest["cacheFrom"]> {
  const names = nullable(listOf(text))(query.json("cachefrom") ?? null, "cachefrom") ?? [];
  return names.map((name) => ({ type: "image", reference: canonicalString(parseReference(name)) }));
}

function networkMode(mode: string | undefined): "default" | "none" | "host" {
  if (mode === undefined || mode === "default" || mode === "bridge") return "default";
  if (mode === "none" || mode === "host") return mode;
  throw new SlipwayError("not_implemented", `Building on network "${mode}" is not supported yet`);
}

function refuseUnsupported(query: Query): void {
  for (const name of unsupported) {
    const value = query.text(name);
    if (value === undefined || value === "0" || value === "[]" || value === "null") continue;
    throw new SlipwayError("not_implemented", `The build parameter "${name}" is not supported yet`);
  }
  if (query.has("securityopt"))
    throw new SlipwayError(
      "invalid_argument",
      "The daemon on this platform does not support setting security options on build",
    );
  const version = query.text("version") ?? "1";
  if (version !== "1" && version !== "2")
    throw new SlipwayError("invalid_argument", `invalid version ${version}`);
  if (version === "2") {
    throw new SlipwayError(
      "not_implemented",
      "BuildKit is not part of this engine, use the classic builder (DOCKER_BUILDKIT=0)",
    );
  }
  const isolation = query.text("isolation") ?? "default";
  if (isolation !== "default")
    throw new SlipwayError("invalid_argument", `Unsupported isolation: "${isolation}"`);
}
