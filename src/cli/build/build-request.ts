import type { BuildRequest, Entitlement } from "../../build/builder.ts";
import { errorMessage } from "../../errors.ts";
import { formatPlatform, hostPlatform, parsePlatform, type Platform } from "../../oci/platform.ts";
import { canonicalString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { ExitError } from "../command.ts";
import { refusedBuildFlags, type buildFlags } from "../flags/build-flags.ts";
import type { FlagValues } from "../flags/flag.ts";
import { parseUlimit, type Ulimit } from "../../internal/parse-ulimit.ts";
import { namedContexts } from "./build-contexts.ts";
import { annotations } from "./annotations.ts";
import { parseCacheFrom, parseCacheTo } from "./cache-options.ts";
import { attestations } from "./attestations.ts";
import { readSecrets } from "./build-secrets.ts";
import { parsePairs } from "../flags/values.ts";

export type BuildFlags = FlagValues<typeof buildFlags>;

/** Throws for an option that Docker has and Slipway has not. */
export function refuseUnsupported(given: ReadonlySet<string>): void {
  const refused = [...given].find((name) => Object.hasOwn(refusedBuildFlags, name));
  if (refused !== undefined) throw failed(`the option --${refused} is not supported`);
}

/** Throws for what an engine on another machine would look for among its own files: only the context travels. */
export function refuseLocalFiles(
  { buildContexts, cacheFrom, cacheTo }: Pick<BuildRequest, "buildContexts" | "cacheFrom" | "cacheTo">,
  ssh: readonly string[],
  host: string,
): void {
  const isLocal = ({ type }: { type: string }) => type === "local";
  const isDirectory = Object.values(buildContexts ?? {}).some(({ kind }) => kind === "directory");
  const option =
    (isDirectory && "--build-context with a directory") ||
    (cacheFrom?.some(isLocal) && "--cache-from type=local") ||
    (cacheTo?.some(isLocal) && "--cache-to type=local") ||
    (ssh.length > 0 && "--ssh");
  if (option) throw failed(`${option} needs an engine on this machine, and this one is at "${host}"`);
}

/** What `build` asks of the engine, without the files. Throws {@link ExitError}. Pure. */
export function buildOptions(
  flags: BuildFlags,
  env: Readonly<Record<string, string | undefined>>,
): Omit<BuildRequest, "context" | "dockerfile"> {
  const args = buildArgs(flags["build-arg"], env);
  // As buildx, the variable of the environment counts as a build argument.
  const epoch = env["SOURCE_DATE_EPOCH"];
  if (epoch !== undefined && epoch !== "") args["SOURCE_DATE_EPOCH"] ??= epoch;
  return {
    ...(flags.reproducible && args["SOURCE_DATE_EPOCH"] === undefined && { sourceDateEpoch: 0 }),
    tags: flags.tag.map(imageTag),
    buildArgs: args,
    labels: parsePairs(flags.label.map(withKey)),
    noCache: flags["no-cache"],
    ...annotations(flags.annotation),
    attestations: attestations(flags),
    noCacheFilter: flags["no-cache-filter"].flatMap((word) => word.split(",")),
    pull: flags.pull,
    squash: flags.squash,
    cacheFrom: flags["cache-from"].map(parseCacheFrom),
    cacheTo: flags["cache-to"].map(parseCacheTo),
    network: network(flags.network),
    allow: flags.allow.flatMap((word) => word.split(",")).map(entitlement),
    extraHosts: flags["add-host"].map(extraHost),
    hostCA: flags["host-ca"],
    secrets: readSecrets(flags.secret, env),
    buildContexts: namedContexts(flags["build-context"]),
    resources: resources(flags),
    ulimits: flags.ulimit.map(ulimit),
    ...(flags.target === "" ? {} : { target: flags.target }),
    platforms: platforms(flags.platform),
    ...(flags["shm-size"] === undefined ? {} : { shmSize: flags["shm-size"] }),
  };
}

function resources(flags: BuildFlags): NonNullable<BuildRequest["resources"]> {
  const { memory, cpus } = flags;
  return Object.fromEntries(
    Object.entries({
      memory,
      memorySwap: flags["memory-swap"],
      nanoCpus: cpus === undefined ? undefined : Math.round(cpus * 1e9),
      cpuPeriod: flags["cpu-period"],
      cpuQuota: flags["cpu-quota"],
      cpuShares: flags["cpu-shares"],
      cpusetCpus: flags["cpuset-cpus"] || undefined,
      cpusetMems: flags["cpuset-mems"] || undefined,
    }).filter(([, value]) => value !== undefined),
  );
}

/** Each once, in the order given. */
function platforms(words: readonly string[]): Platform[] {
  const names = words.flatMap((word) => word.split(",")).filter(Boolean);
  const all = names.map((name) => {
    try {
      return parsePlatform(name === "local" ? formatPlatform(hostPlatform()) : name);
    } catch (cause) {
      throw failed(errorMessage(cause), { cause });
    }
  });
  return [...new Map(all.map((platform) => [formatPlatform(platform), platform])).values()];
}

function entitlement(word: string): Entitlement {
  if (word === "network.host" || word === "security.insecure") return word;
  throw failed(`invalid entitlement: ${word}`);
}

function ulimit(text: string): Ulimit {
  try {
    return parseUlimit(text);
  } catch (cause) {
    throw failed(errorMessage(cause), { cause });
  }
}

/** `app` is `docker.io/library/app:latest`. Throws {@link ExitError}. */
export function imageTag(text: string): string {
  try {
    const reference = withDefaultTag(parseReference(text));
    if (reference.digest === undefined) return canonicalString(reference);
  } catch (cause) {
    throw failed(`invalid tag "${text}": ${errorMessage(cause)}`, { cause });
  }
  throw failed(`invalid tag "${text}": build tag cannot contain a digest`);
}

/** A name alone takes its value from the environment; without one there it is as if it were not given. */
function buildArgs(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const pairs = words.map(withKey).flatMap((word): [string, string][] => {
    const equals = word.indexOf("=");
    if (equals >= 0) return [[word.slice(0, equals), word.slice(equals + 1)]];
    const value = env[word];
    return value === undefined ? [] : [[word, value]];
  });
  return Object.fromEntries(pairs);
}

/** As buildx words it. */
function withKey(word: string): string {
  if (word === "" || word.startsWith("=")) throw failed(`invalid key-value pair "${word}": empty key`);
  return word;
}

function network(mode: string): "default" | "none" | "host" {
  if (mode === "" || mode === "default" || mode === "bridge") return "default";
  if (mode === "none" || mode === "host") return mode;
  throw failed(`network mode "${mode}" is not supported: use "default", "none" or "host"`);
}

/** `name:address` or `name=address`. */
function extraHost(word: string): string {
  const [, name = "", address = ""] = /^([^:=]+)[:=](.+)$/.exec(word) ?? [];
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  if (name === "" || (bare !== "host-gateway" && !/^[\da-fA-F:.]+$/.test(bare)))
    throw failed(`invalid host ${word}: expected name:address`);
  return `${name}:${bare}`;
}

function failed(message: string, options?: ErrorOptions): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${message}`, options);
}
