import { posix } from "node:path";
import { SlipwayError } from "../errors.ts";
import { ramInBytes } from "../internal/parse-size.ts";
import { LineProblem } from "./line-parsers.ts";
import type { CacheSharing, MountSpec } from "./mount-spec.ts";
import { splitCSV } from "./split-csv.ts";
import { didYouMean } from "./suggest.ts";

const types = ["bind", "cache", "tmpfs", "secret", "ssh"] as const;
type MountType = (typeof types)[number];
const sharings = ["shared", "private", "locked"] as const;

/** Every spelling of a key, and the one it means. */
const keys: Readonly<Record<string, string>> = {
  type: "type",
  from: "from",
  source: "source",
  src: "source",
  target: "target",
  dst: "target",
  destination: "target",
  readonly: "readonly",
  ro: "readonly",
  readwrite: "readwrite",
  rw: "readwrite",
  id: "id",
  sharing: "sharing",
  required: "required",
  size: "size",
  mode: "mode",
  uid: "uid",
  gid: "gid",
  env: "env",
};
const switches = new Set(["readonly", "readwrite", "required"]);
const fileTypes: readonly MountType[] = ["cache", "secret", "ssh"];

/** Which types take a key that not all of them take. */
const takers: Readonly<Record<string, readonly MountType[]>> = {
  from: ["bind", "cache"],
  sharing: ["cache"],
  required: ["secret", "ssh"],
  size: ["tmpfs"],
  env: ["secret"],
  mode: fileTypes,
  uid: fileTypes,
  gid: fileTypes,
  id: fileTypes,
};

/**
 * Reads one `RUN --mount` value. Without `expand` nothing is expanded yet: paths and names keep their variables, and
 * any other value with a variable counts as not given. Throws a {@link LineProblem}.
 */
export function parseMount(text: string, expand?: (word: string) => string): MountSpec {
  const fields = new MountFields(text, expand);
  switch (fields.type) {
    case "bind":
      return { type: "bind", target: fields.target(), ...fields.origin(), readWrite: fields.writable(false) };
    case "cache":
      return {
        type: "cache",
        target: fields.target(),
        ...fields.texts("id"),
        ...fields.origin(),
        ...fields.file(),
        sharing: fields.sharing(),
        readOnly: !fields.writable(true),
      };
    case "tmpfs":
      return { type: "tmpfs", target: fields.target(), ...fields.size() };
    case "secret":
      return { type: "secret", ...fields.secret(), ...fields.file(), required: fields.isOn("required") };
    case "ssh":
      return {
        type: "ssh",
        ...fields.texts("target", "id"),
        ...fields.file(),
        required: fields.isOn("required"),
      };
  }
}

class MountFields {
  readonly type: MountType;
  readonly #values = new Map<string, string>();

  constructor(text: string, expand: ((word: string) => string) | undefined) {
    for (const field of splitCSV(text)) this.#read(field, expand);
    this.type = this.#choice("type", types, "mount type") ?? "bind";
    for (const [key, takenBy] of Object.entries(takers))
      if (this.#values.has(key) && !takenBy.includes(this.type))
        throw new LineProblem(`unexpected key '${key}' for mount type '${this.type}'`);
  }

  target(): string {
    const target = this.#values.get("target");
    if (target === undefined || target === "")
      throw new LineProblem(`a mount of type "${this.type}" needs a target`);
    if (posix.normalize(target) === "/") throw new LineProblem(`invalid mount target "${target}"`);
    return target;
  }

  origin(): { source?: string; from?: string } {
    return this.texts("source", "from");
  }

  /** The text members that are given, to be spread. */
  texts<K extends string>(...names: K[]): { [P in K]?: string } {
    const given = names.flatMap((name) => {
      const value = this.#values.get(name);
      return value === undefined || value === "" ? [] : [[name, value]];
    });
    return Object.fromEntries(given) as { [P in K]?: string };
  }

  writable(byDefault: boolean): boolean {
    if (this.#values.has("readwrite")) return this.isOn("readwrite");
    return this.#values.has("readonly") ? !this.isOn("readonly") : byDefault;
  }

  isOn(name: string): boolean {
    return this.#values.get(name) === "true";
  }

  sharing(): CacheSharing {
    return this.#choice("sharing", sharings, "sharing value") ?? "shared";
  }

  size(): { size?: number } {
    const size = this.#values.get("size");
    return size === undefined ? {} : { size: bytes(size) };
  }

  file(): { mode?: number; uid?: number; gid?: number } {
    return { ...this.#number("mode", 8), ...this.#number("uid", 10), ...this.#number("gid", 10) };
  }

  /** A secret is known by `id`, else by its old name `source`, else by the last part of its target. */
  secret(): { id?: string; target?: string; env?: string } {
    const { id, source, target, env } = this.texts("id", "source", "target", "env");
    if (id !== undefined && source !== undefined) throw new LineProblem("both source and id can't be set");
    const name = id ?? source ?? (target === undefined ? undefined : posix.basename(target));
    if (name === undefined) throw new LineProblem("invalid secret mount. one of source, target required");
    const file = target ?? (env === undefined ? `/run/secrets/${posix.basename(name)}` : undefined);
    return { id: name, ...(file !== undefined && { target: file }), ...(env !== undefined && { env }) };
  }

  #read(field: string, expand: ((word: string) => string) | undefined): void {
    const equals = field.indexOf("=");
    const spelled = (equals === -1 ? field : field.slice(0, equals)).toLowerCase();
    const key = Object.hasOwn(keys, spelled) ? keys[spelled] : undefined;
    if (equals === -1 && (key === undefined || !switches.has(key)))
      throw new LineProblem(`invalid field '${field}' must be a key=value pair`);
    if (key === undefined)
      throw new LineProblem(
        `unexpected key '${spelled}' in '${field}'${didYouMean(spelled, Object.keys(keys))}`,
      );
    const written = equals === -1 ? "true" : field.slice(equals + 1);
    if (key === "from" && /\$./.test(written))
      throw new LineProblem("'from' doesn't support variable expansion, define alias stage instead");
    const value = expand === undefined ? written : expand(written);
    const isText = ["source", "target", "id", "from", "env"].includes(key);
    if (expand === undefined && !isText && written.includes("$")) return;
    this.#values.set(key, switches.has(key) ? readSwitch(spelled, value) : value);
  }

  #choice<T extends string>(name: string, options: readonly T[], what: string): T | undefined {
    const value = this.#values.get(name)?.toLowerCase();
    if (value === undefined) return undefined;
    const chosen = options.find((option) => option === value);
    if (chosen === undefined)
      throw new LineProblem(`unsupported ${what} ${JSON.stringify(value)}${didYouMean(value, options)}`);
    return chosen;
  }

  #number<K extends string>(name: K, radix: 8 | 10): { [P in K]?: number } {
    const text = this.#values.get(name);
    if (text === undefined) return {};
    const number = (radix === 8 ? /^[0-7]{1,11}$/ : /^\d{1,10}$/).test(text)
      ? Number.parseInt(text, radix)
      : -1;
    if (number < 0 || number > 0xffff_ffff) throw new LineProblem(`invalid value ${text} for ${name}`);
    return { [name]: number } as { [P in K]?: number };
  }
}

/** What Go's `strconv.ParseBool` takes. */
function readSwitch(key: string, value: string): string {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return "true";
  if (/^(?:0|f|F|false|FALSE|False)$/.test(value)) return "false";
  throw new LineProblem(`invalid value for ${key}: ${value}`);
}

function bytes(text: string): number {
  try {
    return ramInBytes(text);
  } catch (error) {
    if (error instanceof SlipwayError) throw new LineProblem(`invalid value for size: ${text}`);
    throw error;
  }
}
