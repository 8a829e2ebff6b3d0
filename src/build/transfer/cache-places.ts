/** Where results of earlier builds, of any engine, may be taken from (`--cache-from`). */
export type CacheSource =
  /** A cache that was exported, or an image that carries one. */
  | { readonly type: "registry"; readonly reference: string }
  /** An image that carries one: the engine's own of that name, else the registry's. */
  | { readonly type: "image"; readonly reference: string }
  /** An OCI layout on the engine's machine; `path` is absolute. */
  | { readonly type: "local"; readonly path: string; readonly tag?: string };

/** Where a build keeps its results for others (`--cache-to`). */
export type CacheTarget =
  /** In the config of the image itself: the steps of the image, never those of other stages. */
  { readonly type: "inline" } | (Exclude<CacheSource, { readonly type: "image" }> & CacheExportOptions);

export interface CacheExportOptions {
  /** `min` (default): the steps whose layers the image has; `max`: the steps of all stages. */
  readonly mode?: "min" | "max";
  /** Cache mounts (`RUN --mount=type=cache`) whose contents go along, by id, or all that the build's steps name. */
  readonly mounts?: "all" | readonly string[];
  /** Of layers that are not compressed yet. Default: gzip. */
  readonly compression?: "gzip" | "zstd" | "uncompressed";
  /** A failure is a warning. */
  readonly ignoreError?: boolean;
}
