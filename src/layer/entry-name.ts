import { SlipwayError } from "../errors.ts";
import { encodeBytes } from "../internal/byte-string.ts";

const PATH_MAX = 4096;

/** Where an entry goes: `path` from the root without leading slash, `""` for the root itself. */
export interface EntryPath {
  readonly path: string;
  readonly parent: string;
  readonly base: string;
}

/**
 * The place of an archive's name, cleaned by its text alone as Docker does: absolute names count from the root.
 * Throws `invalid_argument` when `..` leads out, for a NUL, and for names longer than a path may be.
 */
export function entryPath(name: string): EntryPath {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined && !name.startsWith("/")) throw refused(name, "path escapes the root");
  }
  const path = parts.join("/");
  if (path.includes("\0")) throw refused(name, "NUL byte in a path");
  if (path.length >= PATH_MAX || encodeBytes(path).length >= PATH_MAX)
    throw refused(name, "path is too long");
  const base = parts.pop() ?? "";
  return { path, parent: parts.join("/"), base };
}

const WHITEOUT = ".wh.";

/** What a name says about the layers below (image-spec, layer.md, "Whiteouts"). */
export type Whiteout =
  | { readonly kind: "none" }
  /** hides `base` of the layers below */
  | { readonly kind: "name"; readonly base: string }
  /** hides everything the layers below have in the directory */
  | { readonly kind: "opaque" }
  /** AUFS's own bookkeeping: no part of the tree */
  | { readonly kind: "ignored" };

/** Reads `.wh.` names. Throws `invalid_argument` for a whiteout of the directory itself or its parent. */
export function parseWhiteout(base: string): Whiteout {
  if (!base.startsWith(WHITEOUT)) return { kind: "none" };
  if (base === ".wh..wh..opq") return { kind: "opaque" };
  if (base.startsWith(".wh..wh.")) return { kind: "ignored" };
  const hidden = base.slice(WHITEOUT.length);
  if (hidden === "" || hidden === "." || hidden === "..")
    throw refused(base, "whiteout of a directory itself");
  return { kind: "name", base: hidden };
}

function refused(name: string, why: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Invalid entry "${name.slice(0, 200).toWellFormed()}": ${why}`);
}
