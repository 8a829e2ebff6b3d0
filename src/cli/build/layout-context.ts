import { resolve } from "node:path";
import { passingNames } from "../../build/builder.ts";
import { isDigest } from "../../oci/digest.ts";
import { hashHex } from "../../platform/hash.ts";

const scheme = "oci-layout://";

/** `oci-layout:///path:tag` and `oci-layout://path@sha256:…`: a layout, the image in it, and what it is called meanwhile. */
export interface LayoutContext {
  readonly path: string;
  /** A tag or digest; empty: the only image. */
  readonly ref: string;
  /** The name in the engine's store while the build runs. */
  readonly reference: string;
}

/** Undefined for what is no layout. Pure. */
export function layoutContext(value: string): LayoutContext | undefined {
  if (!value.startsWith(scheme)) return undefined;
  const [, place = "", digest] = /^(.*?)(?:@(\w+:[0-9a-f]+))?$/.exec(value.slice(scheme.length)) ?? [];
  const [, path = "", tag] = /^(.*?)(?::([\w.-]+))?$/.exec(place) ?? [];
  const ref = digest !== undefined && isDigest(digest) ? digest : (tag ?? "");
  const hash = hashHex("sha256", `${resolve(path)}\n${ref}`).slice(0, 16);
  return { path: resolve(path), ref, reference: `${passingNames}layout-${hash}:latest` };
}
