import { resolve } from "node:path";
import { canonicalString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { csvFields } from "../../volume/csv-fields.ts";
import { errorMessage } from "../../errors.ts";
import { ExitError } from "../command.ts";
import { takeCompression, type LayerCompression } from "./compression.ts";

/** Where the result of a build goes beside the engine's store. */
export type BuildOutput =
  /** The files of the image, into a directory of this machine; of several platforms, each into one of its own. */
  | { readonly type: "local"; readonly dest: string; readonly isSplit?: boolean }
  /** The files of the image as a tar; `-` is standard output. */
  | { readonly type: "tar"; readonly dest: string }
  /** The image itself as a tar, or an OCI layout in a directory. */
  | {
      readonly type: "oci" | "docker";
      readonly dest: string;
      readonly names?: readonly string[];
      readonly isDirectory?: boolean;
    }
  /** Nothing but the engine's store; nothing at all. */
  | { readonly type: "store" | "cacheonly" }
  /** To the registry of the name; `byDigest`: without a tag there. */
  | { readonly type: "push"; readonly name: string; readonly byDigest?: boolean };

export interface BuildOutputs {
  readonly outputs: readonly BuildOutput[];
  /** Further names in the engine's store. */
  readonly names: readonly string[];
  /** The image stays in the engine's store: it does unless it was asked for elsewhere only. */
  readonly isKept: boolean;
  /** Of the layers; undefined: they are compressed when somebody pushes them. */
  readonly compression?: LayerCompression | undefined;
  /** `--annotation` words that outputs bring. */
  readonly annotations: readonly string[];
}

interface OutputFlags {
  readonly push: boolean;
  readonly load: boolean;
  /** The build's. */
  readonly tags: readonly string[];
}

/**
 * `--output out`, `--output type=tar,dest=out.tar`, `--push`, `--load`. Throws {@link ExitError}. Pure.
 */
export function parseOutputs(words: readonly string[], { push, load, tags }: OutputFlags): BuildOutputs {
  const parsed = words.map((word) => parseOutput(word, tags));
  const outputs = [
    ...parsed.flatMap((each) => each.outputs),
    ...(push ? pushes(tags) : []),
    ...(load ? [{ type: "store" } as const] : []),
  ];
  const streams = outputs.filter((output) => "dest" in output && output.dest === "-");
  if (streams.length > 1) throw failed("only one output can be written to stdout");
  const kinds = new Set(parsed.flatMap(({ compression }) => compression ?? []));
  if (kinds.size > 1) throw failed("all outputs of a build have the same compression");
  const [compression] = kinds;
  return {
    outputs,
    names: parsed.flatMap((each) => each.names),
    isKept: outputs.length === 0 || outputs.some(({ type }) => type === "store" || type === "push"),
    ...(compression !== undefined && { compression }),
    annotations: parsed.flatMap((each) => each.annotations),
  };
}

interface ParsedOutput {
  readonly outputs: BuildOutput[];
  readonly names: readonly string[];
  readonly compression?: LayerCompression | undefined;
  readonly annotations: readonly string[];
}

function parseOutput(word: string, tags: readonly string[]): ParsedOutput {
  if (word === "-") return { outputs: [{ type: "tar", dest: "-" }], ...nothing };
  if (!word.includes("=")) return { outputs: [{ type: "local", dest: resolve(word) }], ...nothing };
  const fields = new Map(csvFields(word).map((field) => keyAndValue(field, word)));
  const type = take(fields, "type") ?? "";
  const compression = takeCompression(fields, word);
  // With a date (SOURCE_DATE_EPOCH) times in layers are always held to it, and without one never.
  takeSame(fields, "rewrite-timestamp", true, word);
  const annotations = takeAnnotations(fields);
  const { outputs, names = [] } = outputsOf(type, fields, word, tags);
  const [unknown] = fields.keys();
  if (unknown !== undefined) throw failed(`--output ${word}: the option "${unknown}" is not supported`);
  if (type !== "local" && type !== "tar") return { outputs, names, compression, annotations };
  if (compression !== undefined || annotations.length > 0)
    throw failed(`--output ${word}: files have neither compression nor annotations`);
  return { outputs, names, annotations };
}

const nothing = { names: [], annotations: [] };

/** Takes what it knows out of `fields`. */
function outputsOf(
  type: string,
  fields: Map<string, string>,
  word: string,
  tags: readonly string[],
): { readonly outputs: BuildOutput[]; readonly names?: readonly string[] } {
  const dest = take(fields, "dest");
  switch (type) {
    case "local": {
      if (dest === undefined || dest === "-")
        throw failed(`--output ${word}: dest is required for local exporter`);
      const isSplit = flag(fields, "platform-split", word);
      return { outputs: [{ type, dest: resolve(dest), ...(isSplit !== undefined && { isSplit }) }] };
    }
    case "tar":
      return { outputs: [{ type, dest: place(dest) }] };
    case "oci":
    case "docker": {
      const isDirectory = flag(fields, "tar", word) === false;
      const names = takeNames(fields);
      if (isDirectory && place(dest) === "-")
        throw failed(`--output ${word}: dest is required for a directory`);
      if (dest === undefined && type === "docker") return { outputs: [{ type: "store" }], names };
      const more = { ...(names.length > 0 && { names }), ...(isDirectory && { isDirectory }) };
      return { outputs: [{ type, dest: place(dest), ...more }] };
    }
    case "image":
    case "registry": {
      const names = takeNames(fields);
      const isPushed = flag(fields, "push", word) === true || type === "registry";
      const byDigest = flag(fields, "push-by-digest", word) === true;
      // Images are always unpacked, and always OCI; where one was pushed to, it is known by its digest.
      for (const [key, value] of [
        ["unpack", undefined],
        ["oci-mediatypes", true],
        ["store", true],
        ["name-canonical", isPushed],
      ] as const)
        takeSame(fields, key, value, word);
      if (!isPushed && byDigest) throw failed(`--output ${word}: push-by-digest needs push=true`);
      const pushed = isPushed ? pushes(names.length > 0 ? names : tags, byDigest) : [];
      return { outputs: [{ type: "store" }, ...pushed], names: byDigest ? [] : names };
    }
    case "cacheonly":
      return { outputs: [{ type }] };
    default:
      throw failed(`--output ${word}: unsupported exporter type "${type}"`);
  }
}

function place(dest: string | undefined): string {
  return dest === undefined || dest === "-" ? "-" : resolve(dest);
}

function takeNames(fields: Map<string, string>): string[] {
  return (take(fields, "name") ?? "").split(",").filter(Boolean).map(imageName);
}

/** An option that may say only what is so anyway. */
function takeSame(fields: Map<string, string>, key: string, value: boolean | undefined, word: string): void {
  const given = flag(fields, key, word);
  if (given !== undefined && value !== undefined && given !== value)
    throw failed(`--output ${word}: ${key}=${given} is not supported`);
}

/** `annotation.key=value`, `annotation-index.key=value` and `annotation-manifest-descriptor.key=value`, as words of `--annotation`. */
function takeAnnotations(fields: Map<string, string>): string[] {
  const words: string[] = [];
  for (const [name, value] of fields) {
    const [, level, key] = /^annotation(?:-(manifest|index|manifest-descriptor))?\.(.+)$/.exec(name) ?? [];
    if (key === undefined) continue;
    words.push(`${level ?? "manifest"}:${key}=${value}`);
    fields.delete(name);
  }
  return words;
}

function keyAndValue(field: string, word: string): [string, string] {
  const equals = field.indexOf("=");
  if (equals === -1) throw failed(`invalid value ${field} in --output ${word}`);
  const key = field.slice(0, equals).trim();
  return [key.startsWith("annotation") ? key : key.toLowerCase(), field.slice(equals + 1)];
}

function take(fields: Map<string, string>, key: string): string | undefined {
  const value = fields.get(key);
  fields.delete(key);
  return value;
}

function flag(fields: Map<string, string>, key: string, word: string): boolean | undefined {
  const value = take(fields, key);
  if (value === undefined) return undefined;
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw failed(`--output ${word}: non-bool value ${JSON.stringify(value)} for ${key}`);
}

function pushes(names: readonly string[], byDigest = false): BuildOutput[] {
  if (names.length === 0) throw failed("tag is needed when pushing to registry");
  return names.map((name) => ({ type: "push", name, ...(byDigest && { byDigest }) }));
}

function imageName(text: string): string {
  try {
    return canonicalString(withDefaultTag(parseReference(text)));
  } catch (cause) {
    throw failed(`invalid name "${text}": ${errorMessage(cause)}`, { cause });
  }
}

function failed(message: string, options?: ErrorOptions): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${message}`, options);
}
