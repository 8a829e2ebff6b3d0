import { resolve } from "node:path";
import { SlipwayError } from "../errors.ts";
import { ramInBytes } from "../internal/parse-size.ts";
import { csvFields } from "./csv-fields.ts";
import type { MountSpec } from "./mount-request.ts";

interface Draft {
  type: string;
  source: string;
  target: string;
  readOnly: boolean;
  consistency: string;
  bind: NonNullable<MountSpec["BindOptions"]>;
  volume: { NoCopy?: boolean; Subpath?: string; Labels?: Record<string, string> };
  driver: { Name?: string; Options?: Record<string, string> };
  tmpfs: { SizeBytes?: number; Mode?: number };
  image: { Subpath?: string };
  /** First words of the keys used: `bind`, `volume`, `tmpfs`, `image` */
  kinds: Set<string>;
}

/**
 * Parses a value of `--mount`: comma-separated `key=value`, as CSV. `directory`: what a relative source of a bind (`.`
 * or `..` first) stands against. Pure. Throws `invalid_argument` in Docker's words.
 */
export function parseMountOption(text: string, directory: string): MountSpec {
  const draft: Draft = {
    type: "volume",
    source: "",
    target: "",
    readOnly: false,
    consistency: "",
    bind: {},
    volume: {},
    driver: {},
    tmpfs: {},
    image: {},
    kinds: new Set(),
  };
  if (text === "") throw invalid("value is empty");
  for (const field of csvFields(text)) applyField(draft, field, directory);
  return finish(draft);
}

function applyField(draft: Draft, field: string, directory: string): void {
  const at = field.indexOf("=");
  const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
  const value = at < 0 ? undefined : field.slice(at + 1);
  const flag = flags[key];
  if (flag !== undefined) return flag(draft, value === undefined || parseBoolean(key, value));
  if (value === undefined || key === "") throw invalid(`invalid field '${field}' must be a key=value pair`);
  const apply = values[key];
  if (apply === undefined) throw invalid(`unexpected key '${key}' in '${field}'`);
  apply(draft, value, directory);
  if (/^(bind|volume|tmpfs|image)-/.test(key)) draft.kinds.add(key.replace(/-.*/, ""));
}

const flags: Readonly<Record<string, (draft: Draft, value: boolean) => void>> = {
  readonly: (draft, value) => void (draft.readOnly = value),
  ro: (draft, value) => void (draft.readOnly = value),
  "volume-nocopy": (draft, value) => {
    draft.volume.NoCopy = value;
    draft.kinds.add("volume");
  },
  "bind-nonrecursive": (draft, value) => {
    draft.bind.NonRecursive = value;
    draft.kinds.add("bind");
  },
};

const setSource = (draft: Draft, value: string, directory: string): void => {
  // Only what is clearly a path: a volume's name must stay a name.
  draft.source = /^\.\.?(\/|$)/.test(value) ? resolve(directory, value) : value;
};
const setTarget = (draft: Draft, value: string): void => void (draft.target = value);

const values: Readonly<Record<string, (draft: Draft, value: string, directory: string) => void>> = {
  type: (draft, value) => void (draft.type = value.toLowerCase()),
  source: setSource,
  src: setSource,
  target: setTarget,
  dst: setTarget,
  destination: setTarget,
  consistency: (draft, value) => void (draft.consistency = value.toLowerCase()),
  "bind-propagation": (draft, value) => void (draft.bind.Propagation = value.toLowerCase()),
  "bind-recursive": setRecursive,
  "volume-subpath": (draft, value) => void (draft.volume.Subpath = value),
  "volume-driver": (draft, value) => void (draft.driver.Name = value),
  "volume-label": (draft, value) => addPair((draft.volume.Labels ??= {}), value),
  "volume-opt": (draft, value) => addPair((draft.driver.Options ??= {}), value),
  "tmpfs-size": (draft, value) => void (draft.tmpfs.SizeBytes = tmpfsSize(value)),
  "image-subpath": (draft, value) => void (draft.image.Subpath = value),
  "tmpfs-mode": (draft, value) => void (draft.tmpfs.Mode = tmpfsMode(value)),
};

function setRecursive(draft: Draft, value: string): void {
  if (value === "enabled") return;
  if (value === "disabled") draft.bind.NonRecursive = true;
  else if (value === "writable") draft.bind.ReadOnlyNonRecursive = true;
  else if (value === "readonly") draft.bind.ReadOnlyForceRecursive = true;
  else {
    throw invalid(
      `invalid value for bind-recursive: ${value} (must be "enabled", "disabled", "writable", or "readonly")`,
    );
  }
}

function finish(draft: Draft): MountSpec {
  const type = draft.type as MountSpec["Type"];
  if (draft.type === "") throw invalid("type is required");
  if (draft.target === "") throw invalid("target is required");
  for (const kind of draft.kinds) {
    if (kind !== type) throw invalid(`cannot mix '${kind}-*' options with mount type '${type}'`);
  }
  checkRecursive(draft);
  const driver = Object.keys(draft.driver).length > 0 || draft.volume.Subpath !== undefined;
  return {
    Type: type,
    ...(draft.source === "" ? {} : { Source: draft.source }),
    Target: draft.target,
    ...(draft.readOnly ? { ReadOnly: true } : {}),
    ...(draft.consistency === "" ? {} : { Consistency: draft.consistency }),
    ...(Object.keys(draft.bind).length > 0 ? { BindOptions: draft.bind } : {}),
    ...(draft.kinds.has("volume")
      ? { VolumeOptions: { ...draft.volume, ...(driver ? { DriverConfig: draft.driver } : {}) } }
      : {}),
    ...(Object.keys(draft.image).length > 0 ? { ImageOptions: draft.image } : {}),
    ...(Object.keys(draft.tmpfs).length > 0 ? { TmpfsOptions: draft.tmpfs } : {}),
  };
}

function checkRecursive({ readOnly, bind }: Draft): void {
  const option = bind.ReadOnlyNonRecursive
    ? "writable"
    : bind.ReadOnlyForceRecursive
      ? "readonly"
      : undefined;
  if (option === undefined) return;
  const requires = (what: string) =>
    invalid(`option 'bind-recursive=${option}' requires '${what}' to be specified in conjunction`);
  if (!readOnly) throw requires("readonly");
  if (option === "readonly" && bind.Propagation !== "rprivate") throw requires("bind-propagation=rprivate");
}

function tmpfsSize(value: string): number {
  try {
    return ramInBytes(value);
  } catch (cause) {
    throw new SlipwayError("invalid_argument", `invalid value for tmpfs-size: ${value}`, { cause });
  }
}

function tmpfsMode(value: string): number {
  if (/^[0-7]{1,6}$/.test(value)) return Number.parseInt(value, 8);
  throw invalid(`invalid value for tmpfs-mode: ${value}`);
}

function parseBoolean(key: string, value: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(value)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(value)) return false;
  throw invalid(`invalid value for ${key}: ${value}`);
}

function addPair(pairs: Record<string, string>, text: string): void {
  const at = text.indexOf("=");
  pairs[at < 0 ? text : text.slice(0, at)] = at < 0 ? "" : text.slice(at + 1);
}

function invalid(message: string): SlipwayError {
  return new SlipwayError("invalid_argument", message);
}
