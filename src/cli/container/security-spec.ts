import type { HostConfig } from "../../engine/types/container-config.ts";
import { errorMessage } from "../../errors.ts";
import { readFile } from "../files.ts";
import { UsageError } from "../flags/parse-flags.ts";

/**
 * `--security-opt`: a seccomp profile's file is read here, since the engine may be elsewhere; `systempaths=unconfined`
 * stands for no masked and no read-only paths.
 */
export function securityOptions(words: readonly string[]): HostConfig {
  const unmasked = words.includes("systempaths=unconfined");
  const options = words.filter((word) => word !== "systempaths=unconfined").map(securityOption);
  return { SecurityOpt: options, ...(unmasked ? { MaskedPaths: [], ReadonlyPaths: [] } : {}) };
}

function securityOption(word: string): string {
  const [key = "", ...rest] = word.split(/[=:]/);
  if (rest.length === 0 && key !== "no-new-privileges")
    throw new UsageError(`Invalid --security-opt: "${word}"`);
  const path = word.slice(key.length + 1);
  if (key !== "seccomp" || ["unconfined", "builtin"].includes(path)) return word;
  try {
    return `seccomp=${JSON.stringify(JSON.parse(readFile(path).toString("utf8")))}`;
  } catch (error) {
    const why = errorMessage(error);
    throw new UsageError(`opening seccomp profile (${path}) failed: ${why}`, { cause: error });
  }
}
