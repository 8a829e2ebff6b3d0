import { resolve } from "node:path";
import type { CacheExportOptions, CacheSource, CacheTarget } from "../../build/transfer/cache-places.ts";
import { canonicalString, parseReference } from "../../oci/reference.ts";
import { csvFields } from "../../volume/csv-fields.ts";
import { errorMessage } from "../../errors.ts";
import { ExitError } from "../command.ts";

type Fields = Map<string, string[]>;

/** `--cache-from type=registry,ref=…`, `type=local,src=DIR[,tag=…]`, or a reference alone. Throws {@link ExitError}. Pure. */
export function parseCacheFrom(word: string): CacheSource {
  const flag = `--cache-from ${word}`;
  if (!word.includes("=")) return { type: "image", reference: reference(flag, word) };
  const fields = parseFields(flag, word);
  const source = place(flag, fields, take(flag, fields, "type") ?? "", "src");
  refuseOthers(flag, fields);
  return source;
}

/** `--cache-to type=inline`, `type=registry,ref=…,mode=max`, `type=local,dest=DIR`. Throws {@link ExitError}. Pure. */
export function parseCacheTo(word: string): CacheTarget {
  const flag = `--cache-to ${word}`;
  if (!word.includes("=")) return { type: "registry", reference: reference(flag, word) };
  const fields = parseFields(flag, word);
  const type = take(flag, fields, "type") ?? "";
  const target =
    type === "inline"
      ? ({ type } as const)
      : { ...place(flag, fields, type, "dest"), ...exported(flag, fields) };
  refuseOthers(flag, fields);
  return target;
}

function place(
  flag: string,
  fields: Fields,
  type: string,
  path: "src" | "dest",
): Exclude<CacheSource, { type: "image" }> {
  if (type === "registry") return { type, reference: reference(flag, take(flag, fields, "ref")) };
  if (type !== "local") throw failed(flag, type === "" ? "type is required" : unsupported(type));
  const directory = take(flag, fields, path);
  const tag = take(flag, fields, "tag");
  if (directory === undefined) throw failed(flag, `${path} is required for a local cache`);
  return { type, path: resolve(directory), ...(tag !== undefined && { tag }) };
}

function unsupported(type: string): string {
  return `unknown cache type "${type}": use "registry", "local" or "inline"`;
}

function exported(flag: string, fields: Fields): CacheExportOptions {
  const mode = oneOf(flag, "mode", take(flag, fields, "mode"), ["min", "max"] as const);
  const wanted = take(flag, fields, "compression");
  const compression = oneOf(flag, "compression", wanted, ["gzip", "zstd", "uncompressed"] as const);
  const mounts = fields.get("mounts");
  fields.delete("mounts");
  const ignoreError = oneOf(flag, "ignore-error", take(flag, fields, "ignore-error"), [
    "true",
    "false",
  ] as const);
  // A cache is always an image of OCI's kind here: who asks for that has it.
  for (const name of ["oci-mediatypes", "image-manifest"])
    oneOf(flag, name, take(flag, fields, name), ["true"] as const);
  return {
    ...(mode !== undefined && { mode }),
    ...(compression !== undefined && { compression }),
    ...(mounts !== undefined && { mounts: mounts.includes("all") ? ("all" as const) : mounts }),
    ...(ignoreError === "true" && { ignoreError: true }),
  };
}

function parseFields(flag: string, word: string): Fields {
  const fields: Fields = new Map();
  for (const field of csvFields(word)) {
    const [, key = "", value = ""] = /^([^=]+)=(.*)$/s.exec(field) ?? [];
    if (key === "") throw failed(flag, `invalid field "${field}": must be key=value`);
    fields.set(key.toLowerCase(), [...(fields.get(key.toLowerCase()) ?? []), value]);
  }
  return fields;
}

function take(flag: string, fields: Fields, name: string): string | undefined {
  const [value, second] = fields.get(name) ?? [];
  fields.delete(name);
  if (second !== undefined) throw failed(flag, `"${name}" is given twice`);
  return value;
}

function oneOf<const T extends string>(
  flag: string,
  name: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((each) => each === value);
  if (found === undefined)
    throw failed(flag, `invalid ${name} "${value}": use ${known.map((each) => `"${each}"`).join(" or ")}`);
  return found;
}

function refuseOthers(flag: string, fields: Fields): void {
  const [unknown] = fields.keys();
  if (unknown !== undefined) throw failed(flag, `the option "${unknown}" is not supported`);
}

function reference(flag: string, text: string | undefined): string {
  if (text === undefined || text === "") throw failed(flag, "ref is required for a registry cache");
  try {
    return canonicalString(parseReference(text));
  } catch (error) {
    throw failed(flag, errorMessage(error));
  }
}

function failed(flag: string, why: string): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${flag}: ${why}`);
}
