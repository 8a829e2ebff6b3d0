import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";

/** The absolute path of the program, in the first of `directories` that has it. */
export function findProgram(name: string, directories: readonly string[]): string | undefined {
  for (const directory of directories) {
    const found = executable(join(directory, name));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `path` itself, when it is a program that may be run. */
export function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

/** `unavailable`, with what to install. */
export function missing(what: string, packages: string, why: string): SlipwayError {
  return new SlipwayError(
    "unavailable",
    `Cannot run containers: ${what} is missing, which ${why}; install it, on Debian and Ubuntu with "apt-get install ${packages}"`,
  );
}
