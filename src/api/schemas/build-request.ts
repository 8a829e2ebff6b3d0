import type { BuildContext, BuildRequest } from "../../build/builder.ts";
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

const document = objectWith(["context"], {
  context: objectWith(["kind"], { kind: oneOf("directory", "tar", "empty"), path: text }),
  dockerfile: object({ path: text, text }),
  tags: listOf(text),
  target: text,
  buildArgs: mapOf(text),
  labels: mapOf(text),
  noCache: flag,
  pull: flag,
  platform,
  network: oneOf("default", "none", "host"),
  extraHosts: listOf(text),
  shmSize: integer,
  hostCA: flag,
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
  const { context, dockerfile, auths, ...others } = document(value, "");
  const file = dockerfile === undefined ? {} : { dockerfile: dockerfileOf(dockerfile) };
  return { request: { ...others, ...file, context: contextOf(context, rest) }, auths };
}

function contextOf(context: { kind: BuildContext["kind"]; path?: string }, rest: ByteStream): BuildContext {
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
