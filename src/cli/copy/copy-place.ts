import { basename, dirname, normalize, resolve } from "node:path";
import { ExitError } from "../command.ts";

/** One end of a copy: a path, and what stands there. A trailing slash or `/.` of the path means something. */
export interface CopyPlace {
  readonly path: string;
  readonly exists: boolean;
  readonly isDirectory: boolean;
  /** What the source's entries are to be called when that is not the path's last component. */
  readonly rebase?: string | undefined;
}

/** `CONTAINER:PATH`, or a path of this machine. */
export type CopyArgument =
  | { readonly kind: "container"; readonly container: string; readonly path: string }
  | { readonly kind: "local"; readonly path: string };

/** Docker's rule: absolute paths, and those that begin with a dot, are this machine's, whatever colons they have. */
export function parseCopyArgument(text: string): CopyArgument {
  const colon = text.indexOf(":");
  const isLocal = text.startsWith("/") || colon < 0 || text.startsWith(".");
  if (isLocal) return { kind: "local", path: text };
  return { kind: "container", container: text.slice(0, colon), path: text.slice(colon + 1) };
}

/** Directory and last component; a path that ends in a dot has the dot as its last component. Pure. */
export function splitPath(path: string): { directory: string; base: string } {
  const clean = normalize(path).replace(/(.)\/+$/, "$1");
  if (/(^|\/)\.$/.test(path)) return { directory: clean, base: "." };
  return { directory: dirname(clean), base: basename(clean) || "/" };
}

/** `path` made absolute, with the slash or dot it ends in. */
export function absolutePath(path: string, workingDirectory: string): string {
  const whole = resolve(workingDirectory, path);
  const slash = whole === "/" ? "" : "/";
  if (/(^|\/)\.$/.test(path)) return `${whole}${slash}.`;
  return path.endsWith("/") ? `${whole}${slash}` : whole;
}

/** Where an archive of the source goes, and what its entries are called there. */
export interface CopyPlan {
  readonly directory: string;
  /** Undefined: as the source is called. */
  readonly name: string | undefined;
}

/**
 * Docker's rules for what is copied where: into a directory that exists, over a file, or under a new name. Pure. Throws
 * {@link ExitError} for a directory onto a file, and for a file into a directory that is not there.
 */
export function planCopy(source: CopyPlace, destination: CopyPlace): CopyPlan {
  if (destination.exists && destination.isDirectory) return { directory: destination.path, name: undefined };
  if (destination.exists && source.isDirectory) throw new ExitError(1, "cannot copy directory");
  const isNewDirectory = /(^|\/)\.?$/.test(destination.path);
  if (!destination.exists && !source.isDirectory && isNewDirectory)
    throw new ExitError(1, "no such directory");
  const { directory, base } = splitPath(destination.path.replace(/\/\.?$/, ""));
  return { directory, name: base };
}
