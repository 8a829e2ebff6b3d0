/** How the overlay file system spells paths in its options: `\`, `:` and `,` are escaped with a backslash. */

/** The directories of a `lowerdir=` option, top first. */
export function lowerDirectories(option: string): string[] {
  const parts = option.slice("lowerdir=".length).match(/(?:\\.|[^:\\])+/gs) ?? [];
  return parts.map((part) => unescapeOption(part));
}

/** A path as an overlay option takes it. */
export function escapeOption(path: string): string {
  return path.replace(/[\\:,]/g, "\\$&");
}

export function unescapeOption(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}
