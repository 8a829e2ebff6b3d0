import type { Platform } from "../../oci/platform.ts";
import { formatPlatform } from "../../oci/platform.ts";
import type { BuildRequest } from "../builder.ts";
import { isProxyArgument } from "../plan/build-args.ts";
import { redactUrl } from "../plan/redact-url.ts";
import type { Op, Vertex } from "../vertex.ts";
import type { ProvenanceRequest } from "./attestation-request.ts";
import { digestSet, imagePurl } from "./statement.ts";

/** What is known of a build when its image stands. */
export interface BuildFacts {
  readonly request: BuildRequest;
  readonly platform: Platform;
  readonly vertices: readonly Vertex[];
  readonly dockerfile: { readonly name: string; readonly text: string };
  /** ms since the epoch */
  readonly startedAt: number;
  readonly finishedAt: number;
}

const buildType = "https://mobyproject.org/buildkit@v1";

interface Material {
  readonly uri: string;
  readonly digest?: Readonly<Record<string, string>>;
}

/**
 * SLSA's provenance of a build, in the shape BuildKit gives it, with the type of its predicate. Secrets and agents are in it
 * by name alone, addresses without passwords; build arguments only with mode `max`. Pure.
 */
export function provenance(
  facts: BuildFacts,
  asked: ProvenanceRequest,
): { readonly type: string; readonly predicate: object } {
  if (asked.version === "v1")
    return { type: "https://slsa.dev/provenance/v1", predicate: predicateV1(facts, asked) };
  return { type: "https://slsa.dev/provenance/v0.2", predicate: predicateV02(facts, asked) };
}

function predicateV02(facts: BuildFacts, asked: ProvenanceRequest): object {
  const isMax = asked.mode === "max";
  return {
    builder: { id: asked.builderId ?? "" },
    buildType,
    materials: materials(facts),
    invocation: {
      configSource: configSource(facts),
      parameters: parameters(facts, isMax),
      environment: { platform: formatPlatform(facts.platform) },
    },
    ...(isMax && { buildConfig: { llbDefinition: definition(facts.vertices) } }),
    metadata: {
      ...times(facts, "buildStartedOn", "buildFinishedOn"),
      completeness: { parameters: isMax, environment: true, materials: false },
      reproducible: false,
      [`${buildType}#hermetic`]: isHermetic(facts),
      [`${buildType}#metadata`]: isMax ? { source: sources(facts) } : {},
    },
  };
}

function predicateV1(facts: BuildFacts, asked: ProvenanceRequest): object {
  const isMax = asked.mode === "max";
  const { entryPoint, ...source } = configSource(facts);
  return {
    buildDefinition: {
      buildType: "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md",
      externalParameters: {
        configSource: { ...source, path: entryPoint },
        request: parameters(facts, isMax),
      },
      internalParameters: {
        builderPlatform: formatPlatform(facts.platform),
        ...(isMax && { buildConfig: { llbDefinition: definition(facts.vertices) } }),
      },
      resolvedDependencies: materials(facts),
    },
    runDetails: {
      builder: { id: asked.builderId ?? "" },
      metadata: {
        ...times(facts, "startedOn", "finishedOn"),
        buildkit_hermetic: isHermetic(facts),
        buildkit_completeness: { request: isMax, resolvedDependencies: false },
        ...(isMax && { buildkit_metadata: { source: sources(facts) } }),
      },
    },
  };
}

function times({ startedAt, finishedAt }: BuildFacts, from: string, to: string): object {
  return { [from]: new Date(startedAt).toISOString(), [to]: new Date(finishedAt).toISOString() };
}

/** Images, downloads and repositories that went into it, each once. */
function materials({ vertices, platform }: BuildFacts): Material[] {
  const found = vertices.flatMap(({ op }) => materialOf(op, platform));
  return [...new Map(found.map((material) => [material.uri, material])).values()];
}

function materialOf(op: Op, platform: Platform): Material[] {
  switch (op.kind) {
    case "image":
      return [{ uri: imagePurl(op.reference, platform), digest: digestSet(op.manifest.digest) }];
    case "download":
      return [
        { uri: redactUrl(op.url), ...(op.checksum !== undefined && { digest: digestSet(op.checksum) }) },
      ];
    case "git":
      return [
        { uri: redactUrl(op.url), ...(op.checksum !== undefined && { digest: { sha1: op.checksum } }) },
      ];
    default:
      return [];
  }
}

function configSource({ request, dockerfile }: BuildFacts): {
  readonly uri?: string;
  readonly entryPoint: string;
} {
  const { context } = request;
  const uri = context.kind === "remote" ? { uri: redactUrl(context.url) } : {};
  return { ...uri, entryPoint: dockerfile.name };
}

function parameters({ request, vertices }: BuildFacts, isMax: boolean): object {
  const { target, buildArgs = {}, labels = {}, secrets = {}, ssh = {}, context } = request;
  const shown = Object.entries(buildArgs).filter(([name]) => !isProxyArgument(name));
  const args = {
    ...(target !== undefined && { target }),
    ...(isMax && Object.fromEntries(shown.map(([name, value]) => [`build-arg:${name}`, value]))),
    ...(isMax && Object.fromEntries(Object.entries(labels).map(([name, value]) => [`label:${name}`, value]))),
  };
  const mounted = (type: "secret" | "ssh", given: object): { id: string; optional?: true }[] => {
    const ids = vertices.flatMap(({ op }) =>
      op.kind === "exec" ? op.mounts.flatMap((mount) => (mount.type === type ? [mount.id] : [])) : [],
    );
    return [...new Set(ids)].map((id) => ({ id, ...(!Object.hasOwn(given, id) && { optional: true }) }));
  };
  const isLocal = context.kind === "directory" || context.kind === "tar";
  return {
    frontend: "dockerfile.v0",
    args,
    ...some("secrets", mounted("secret", secrets)),
    ...some("ssh", mounted("ssh", ssh)),
    ...(isLocal && { locals: [{ name: "context" }, { name: "dockerfile" }] }),
  };
}

function some<T>(name: string, list: readonly T[]): object {
  return list.length === 0 ? {} : { [name]: list };
}

/** Nothing could come from the network but what is among the materials. */
function isHermetic({ vertices }: BuildFacts): boolean {
  return vertices.every(({ op }) => op.kind !== "exec" || op.network === "none");
}

function definition(vertices: readonly Vertex[]): object[] {
  const numbers = new Map(vertices.map(({ digest }, at) => [digest, at]));
  return vertices.map(({ op, inputs, name }, at) => ({
    id: `step${at}`,
    name,
    op: shownOp(op),
    ...some(
      "inputs",
      inputs.map(({ digest }) => `step${numbers.get(digest) ?? 0}:0`),
    ),
  }));
}

/** An address in it has no password. What a file in the Dockerfile holds is among its sources. */
function shownOp(op: Op): object {
  if (op.kind === "download" || op.kind === "git") return { ...op, url: redactUrl(op.url) };
  if (op.kind === "copy") return { ...op, inline: op.inline.map(({ name }) => name) };
  return op;
}

function sources({ dockerfile, vertices }: BuildFacts): object {
  const lines = vertices.flatMap(({ line }, at): [string, object][] =>
    line === undefined
      ? []
      : [[`step${at}`, { locations: [{ ranges: [{ start: { line }, end: { line } }] }] }]],
  );
  return {
    locations: Object.fromEntries(lines),
    infos: [
      {
        filename: dockerfile.name,
        language: "Dockerfile",
        data: Buffer.from(dockerfile.text).toString("base64"),
      },
    ],
  };
}
