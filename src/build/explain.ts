import type { CacheKey, KeyPart } from "./op-handler.ts";
import { operationCauses, textChanged } from "./operation-cause.ts";
import type { SeenStep } from "./seen-steps.ts";

/** How many files a cause names before it counts the rest. */
const namedFiles = 5;

/** What a miss is explained from. */
export interface MissContext {
  readonly key: CacheKey;
  /** The same step as written, as it was last; undefined when there is none. */
  readonly sameStep: SeenStep | undefined;
  /** Whatever stood at this place last. */
  readonly samePlace: SeenStep | undefined;
  readonly manifest: (digest: string) => string | undefined;
  /** Steps this one stands on that were no hit themselves, such as `4/7`. */
  readonly missedInputs: readonly string[];
}

/** Why a step was no hit, by name, most telling first. Never empty. */
export function explainMiss(miss: MissContext): string[] {
  const last = miss.sameStep;
  if (last === undefined) return miss.samePlace === undefined ? [neverBuilt] : [textChanged];
  const causes = [...partCauses(last.parts, miss.key.parts, miss), ...fileCauses(last, miss)];
  return causes.length > 0 ? causes : ["the earlier result is gone"];
}

const neverBuilt = "no such step was built before";

function partCauses(before: readonly KeyPart[], after: readonly KeyPart[], miss: MissContext): string[] {
  const old = new Map(before.map((part) => [partName(part), part]));
  const causes: string[] = [];
  for (const part of after) {
    const was = old.get(partName(part));
    old.delete(partName(part));
    if (part.kind === "base" && was?.kind === "input") causes.push("an earlier step was removed");
    else if (was?.value !== part.value) causes.push(...partCause(part, shown(was), shown(part), miss));
  }
  for (const part of old.values()) causes.push(...partCause(part, shown(part), undefined, miss));
  return [...new Set(causes)];
}

/** What a step stands on is one thing, be it an image or a step. */
function partName({ kind, name }: KeyPart): string {
  return `${kind === "base" ? "input" : kind} ${name}`;
}

function partCause(
  part: KeyPart,
  was: string | undefined,
  is: string | undefined,
  miss: MissContext,
): string[] {
  switch (part.kind) {
    case "input":
      return miss.missedInputs.length > 0
        ? miss.missedInputs.map((step) => `an earlier step changed: ${step}`)
        : ["earlier steps are as in an older build"];
    case "files":
      return [];
    case "argument":
      return [change(`ARG ${part.name}`, was, is)];
    case "environment":
      return [change(`ENV ${part.name}`, was, is)];
    case "base":
      return [baseCause(was, is)];
    case "operation":
      return was === undefined || is === undefined ? [textChanged] : operationCauses(part.name, was, is);
    case "option":
      return [
        part.name === "user" ? change("user", was || "root", is || "root") : change(part.name, was, is),
      ];
  }
}

function change(name: string, was: string | undefined, is: string | undefined): string {
  if (was === undefined) return `${name} added: ${is}`;
  if (is === undefined) return `${name} removed`;
  return `${name} ${was} → ${is}`;
}

function shown(part: KeyPart | undefined): string | undefined {
  return part === undefined ? undefined : (part.shown ?? part.value);
}

/** `was` and `is` are `reference digest`. */
function baseCause(was: string | undefined, is: string | undefined): string {
  const [oldName, oldDigest] = was?.split(" ") ?? [];
  const [name, digest] = is?.split(" ") ?? [];
  if (oldName === name) return `base ${name} moved ${shortDigest(oldDigest)} → ${shortDigest(digest)}`;
  return `base ${oldName ?? "scratch"} → ${name ?? "scratch"}`;
}

function shortDigest(digest: string | undefined): string | undefined {
  return digest?.replace(/^(sha\d+:[0-9a-f]{12})[0-9a-f]+$/, "$1…");
}

function fileCauses(last: SeenStep, miss: MissContext): string[] {
  if (last.manifest === undefined || miss.key.manifest === undefined) return [];
  if (last.manifest === miss.key.manifest.digest) return [];
  const before = miss.manifest(last.manifest);
  if (before === undefined) return ["files changed"];
  const changes = compareManifests(before, miss.key.manifest.text, miss.key.manifest.ignores);
  const more = changes.length - namedFiles;
  return more > 0 ? [...changes.slice(0, namedFiles), `and ${more} more files`] : changes;
}

/** `src/server.js changed (content)`, `README.md added`, … from two manifests. `ignores`: what the newer one leaves out. */
export function compareManifests(
  before: string,
  after: string,
  ignores: (path: string) => boolean = () => false,
): string[] {
  const old = parseManifest(before);
  const changes: string[] = [];
  for (const [path, is] of parseManifest(after)) {
    const was = old.get(path);
    old.delete(path);
    if (was === undefined) changes.push(`${path} added`);
    else if (was.content !== is.content) changes.push(`${path} changed (content)`);
    else if (was.mode !== is.mode) changes.push(`${path} changed (mode)`);
  }
  for (const path of old.keys())
    changes.push(ignores(path) ? `${path} left out by .dockerignore` : `${path} removed`);
  return changes;
}

function parseManifest(text: string): Map<string, { mode: string; content: string }> {
  const files = new Map<string, { mode: string; content: string }>();
  for (const line of text.split("\0")) {
    const [mode = "", content = ""] = line.split("\t", 2);
    const path = line.slice(mode.length + content.length + 2);
    if (path !== "" && mode !== "root") files.set(path, { mode, content });
  }
  return files;
}
