import type { BuildContext, BuildRequest, NamedContext } from "../../build/builder.ts";
import type { CacheSource, CacheTarget } from "../../build/transfer/cache-places.ts";
import type { RegistryAuth } from "../../engine/types/image.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import type { Platform } from "../../oci/platform.ts";
import {
  flag,
  integer,
  invalidField,
  listOf,
  mapOf,
  object,
  objectWith,
  oneOf,
  text,
  type Check,
} from "../schema.ts";
import { registryAuth } from "./registry-auth.ts";

const platform: Check<Platform> = objectWith(["os", "architecture"], {
  os: text,
  architecture: text,
  variant: text,
  "os.version": text,
  "os.features": listOf(text),
});

const resources = object({
  memory: integer,
  memorySwap: integer,
  nanoCpus: integer,
  cpuShares: integer,
  cpuPeriod: integer,
  cpuQuota: integer,
  cpusetCpus: text,
  cpusetMems: text,
});

const cachePlace = objectWith(["type"], {
  type: oneOf("registry", "image", "local", "inline"),
  reference: text,
  path: text,
  tag: text,
  mode: oneOf("min", "max"),
  mounts: (value: unknown, field: string) => (value === "all" ? "all" : listOf(text)(value, field)),
  compression: oneOf("gzip", "zstd", "uncompressed"),
  ignoreError: flag,
});

const document = objectWith(["context"], {
  context: objectWith(["kind"], {
    kind: oneOf("directory", "tar", "remote", "empty"),
    path: text,
    url: text,
  }),
  buildContexts: mapOf(
    objectWith(["kind"], {
      kind: oneOf("directory", "remote", "image"),
      path: text,
      url: text,
      reference: text,
    }),
  ),
  call: oneOf("check", "outline", "targets", "dry-run"),
  pushTo: listOf(text),
  dockerfile: object({ path: text, text }),
  tags: listOf(text),
  target: text,
  buildArgs: mapOf(text),
  labels: mapOf(text),
  annotations: mapOf(text),
  noCache: flag,
  noCacheFilter: listOf(text),
  pull: flag,
  cacheFrom: listOf(cachePlace),
  cacheTo: listOf(cachePlace),
  platforms: listOf(platform),
  indexAnnotations: mapOf(text),
  descriptorAnnotations: mapOf(text),
  keepsEach: flag,
  squash: flag,
  compression: oneOf("gzip", "zstd", "uncompressed"),
  attestations: object({
    sbom: flag,
    provenance: objectWith(["mode", "version"], {
      mode: oneOf("min", "max"),
      version: oneOf("v0.2", "v1"),
      builderId: text,
    }),
  }),
  debugShell: objectWith(["tty"], { tty: flag }),
  network: oneOf("default", "none", "host"),
  allow: listOf(oneOf("network.host", "security.insecure")),
  extraHosts: listOf(text),
  shmSize: integer,
  hostCA: flag,
  sourceDateEpoch: integer,
  secrets: mapOf(text),
  ssh: mapOf(text),
  resources,
  ulimits: listOf(objectWith(["name", "soft", "hard"], { name: text, soft: integer, hard: integer })),
  auths: mapOf(registryAuth),
});

/** The first line of `POST /slipway/v1/build`: a build request as JSON, with credentials; a tar follows in `rest`. */
export function buildRequestLine(
  value: unknown,
  rest: ByteStream,
): { request: BuildRequest; auths: Record<string, RegistryAuth> | undefined } {
  const { context, buildContexts, dockerfile, auths, cacheFrom, cacheTo, ...others } = document(value, "");
  const file = dockerfile === undefined ? {} : { dockerfile: dockerfileOf(dockerfile) };
  const named = Object.entries(buildContexts ?? {}).map(([name, one]) => [name, namedContext(name, one)]);
  const contexts = Object.fromEntries(named) as Record<string, NamedContext>;
  const caches = {
    cacheFrom: (cacheFrom ?? []).map((place) => cacheSource("cacheFrom", place)),
    cacheTo: (cacheTo ?? []).map(cacheTarget),
  };
  return {
    request: { ...others, ...file, buildContexts: contexts, context: contextOf(context, rest), ...caches },
    auths,
  };
}

type CachePlace = ReturnType<typeof cachePlace>;

function cacheSource(field: string, { type, reference, path, tag }: CachePlace): CacheSource {
  if ((type === "registry" || type === "image") && reference !== undefined) return { type, reference };
  if (type === "local" && path?.startsWith("/") === true)
    return { type, path, ...(tag !== undefined && { tag }) };
  throw invalidField(field, "a registry's reference, or the absolute path of a directory");
}

function cacheTarget({ mode, mounts, compression, ignoreError, ...place }: CachePlace): CacheTarget {
  if (place.type === "inline") return { type: "inline" };
  const to = cacheSource("cacheTo", place);
  if (to.type === "image") throw invalidField("cacheTo", '"registry", "local" or "inline"');
  return {
    ...to,
    ...(mode !== undefined && { mode }),
    ...(mounts !== undefined && { mounts }),
    ...(compression !== undefined && { compression }),
    ...(ignoreError !== undefined && { ignoreError }),
  };
}

function namedContext(
  name: string,
  {
    kind,
    path,
    url,
    reference,
  }: { kind: NamedContext["kind"]; path?: string; url?: string; reference?: string },
): NamedContext {
  if (kind === "directory" && path?.startsWith("/") === true) return { kind, path };
  if (kind === "remote" && url !== undefined) return { kind, url };
  if (kind === "image" && reference !== undefined) return { kind, reference };
  throw invalidField(`buildContexts.${name}`, "an absolute path, an address or an image");
}

function contextOf(
  context: { kind: BuildContext["kind"]; path?: string; url?: string },
  rest: ByteStream,
): BuildContext {
  if (context.kind === "remote") {
    if (context.url === undefined) throw invalidField("context.url", "an address");
    return { kind: "remote", url: context.url };
  }
  if (context.kind === "tar") return { kind: "tar", stream: rest };
  if (context.kind === "empty") return { kind: "empty" };
  if (context.path?.startsWith("/") !== true) throw invalidField("context.path", "an absolute path");
  return { kind: "directory", path: context.path };
}

function dockerfileOf(file: { path?: string; text?: string }): { path: string } | { text: string } {
  if (file.path !== undefined) return { path: file.path };
  if (file.text !== undefined) return { text: file.text };
  throw invalidField("dockerfile", "a path or a text");
}
