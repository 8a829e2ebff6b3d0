import type { Target } from "../../oci/target.ts";
import type { CacheSource } from "./cache-places.ts";
import { OciLayout } from "./oci-layout.ts";

/** A repository, and what the cache is called in it. Throws `invalid_argument` for what is no reference. */
export type CacheRegistry = (reference: string) => { readonly target: Target; readonly tag: string };

/** Where a cache is, opened. */
export interface OpenCache extends Disposable {
  readonly target: Target;
  readonly tag: string;
  /** For people. */
  readonly name: string;
}

/** Opens the place of a cache. A directory that is no OCI layout is `not_found` unless it shall be made one. */
export async function openCache(
  place: CacheSource,
  registry: CacheRegistry,
  { create = false } = {},
): Promise<OpenCache> {
  if (place.type !== "local")
    return { ...registry(place.reference), name: place.reference, [Symbol.dispose]: () => undefined };
  const layout = await OciLayout.open(place.path, { create });
  const close = (): void => layout[Symbol.dispose]();
  return { target: layout, tag: place.tag ?? "latest", name: place.path, [Symbol.dispose]: close };
}
