import { ExitError } from "../command.ts";

export type LayerCompression = "gzip" | "zstd" | "uncompressed";

/** `gzip`, `zstd` or `uncompressed`; undefined when nothing was said. Throws {@link ExitError}. */
export function layerCompression(text: string | undefined, where: string): LayerCompression | undefined {
  if (text === undefined || text === "") return undefined;
  if (text === "gzip" || text === "zstd" || text === "uncompressed") return text;
  throw new ExitError(
    1,
    `ERROR: failed to build: ${where}: unsupported compression "${text}": use "gzip", "zstd" or "uncompressed"`,
  );
}

/** Takes `compression` out of an output's fields. */
export function takeCompression(fields: Map<string, string>, word: string): LayerCompression | undefined {
  const text = fields.get("compression");
  fields.delete("compression");
  return layerCompression(text, `--output ${word}`);
}
