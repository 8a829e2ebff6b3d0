import { resolve } from "node:path";
import { canonicalString, parseReference, withDefaultTag } from "../../oci/reference.ts";
import { csvFields } from "../../volume/csv-fields.ts";
import { errorMessage } from "../../errors.ts";
import { ExitError } from "../command.ts";

/** Where the result of a build goes beside the engine's store. */
export type BuildOutput =
  /** The files of the image, into a directory of this machine. */
  | { readonly type: "local"; readonly dest: string }
  /** The files of the image, or the image itself, as a tar; `-` is standard output. */
  | { readonly type: "tar" | "oci" | "docker"; readonly dest: string }
  /** A further name in the engine's store. */
  | { readonly type: "image"; readonly name: string }
  /** To the registry of the name. */
  | { readonly type: "push"; readonly name: string };

/**
 * `--output out`, `--output type=tar,dest=out.tar`, `--push`. `tags` are the build's. Throws {@link ExitError}. Pure.
 */
export function parseOutputs(
  words: readonly string[],
  { push, tags }: { readonly push: boolean; readonly tags: readonly string[] },
): BuildOutput[] {
  const outputs = words.flatMap((word) => parseOutput(word, tags));
  const pushed = push ? pushes(tags) : [];
  const streams = outputs.filter((output) => "dest" in output && output.dest === "-");
  if (streams.length > 1) throw failed("only one output can be written to stdout");
  return [...outputs, ...pushed];
}

function parseOutput(word: string, tags: readonly string[]): BuildOutput[] {
  if (word === "-") return [{ type: "tar", dest: "-" }];
  if (!word.includes("=")) return [{ type: "local", dest: resolve(word) }];
  const fields = new Map(csvFields(word).map((field) => keyAndValue(field, word)));
  const type = take(fields, "type") ?? "";
  const dest = take(fields, "dest");
  const named = (take(fields, "name") ?? "").split(",").filter(Boolean).map(imageName);
  const isPushed = take(fields, "push") === "true" || type === "registry";
  const [unknown] = fields.keys();
  if (unknown !== undefined) throw failed(`--output ${word}: the option "${unknown}" is not supported`);
  switch (type) {
    case "local":
      if (dest === undefined || dest === "-")
        throw failed(`--output ${word}: dest is required for local exporter`);
      return [{ type, dest: resolve(dest) }];
    case "tar":
    case "oci":
    case "docker":
      if (dest === undefined && type === "docker") return [];
      return [{ type, dest: dest === undefined || dest === "-" ? "-" : resolve(dest) }];
    case "image":
    case "registry":
      return [
        ...named.map((name) => ({ type: "image", name }) as const),
        ...(isPushed ? pushes(named.length > 0 ? named : tags) : []),
      ];
    default:
      throw failed(`--output ${word}: unsupported exporter type "${type}"`);
  }
}

function keyAndValue(field: string, word: string): [string, string] {
  const equals = field.indexOf("=");
  if (equals === -1) throw failed(`invalid value ${field} in --output ${word}`);
  return [field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1)];
}

function take(fields: Map<string, string>, key: string): string | undefined {
  const value = fields.get(key);
  fields.delete(key);
  return value;
}

function pushes(names: readonly string[]): BuildOutput[] {
  if (names.length === 0) throw failed("tag is needed when pushing to registry");
  return names.map((name) => ({ type: "push", name }));
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
