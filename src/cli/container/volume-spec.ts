import { homedir } from "node:os";
import { resolve } from "node:path";
import type { MountSpec } from "../../volume/mount-request.ts";
import { parseMountOption } from "../../volume/parse-mount-option.ts";

/** `Binds` for `-v`: all but anonymous volumes, with relative sources (`./data`) made absolute. */
export function binds(volumes: readonly string[]): string[] {
  return volumes.filter((word) => word.includes(":")).map(absoluteSource);
}

/** `Volumes` for `-v /data`. Pure. */
export function anonymousVolumes(volumes: readonly string[]): Record<string, object> {
  return Object.fromEntries(volumes.filter((word) => !word.includes(":")).map((path) => [path, {}]));
}

/** `Mounts` for `--mount`. */
export function mounts(words: readonly string[]): MountSpec[] {
  return words.map((word) => parseMountOption(word, process.cwd()));
}

function absoluteSource(word: string): string {
  const colon = word.indexOf(":");
  const source = word.slice(0, colon);
  if (!/^(\.{1,2}|~)(\/|$)/.test(source)) return word;
  return resolve(source.replace(/^~/, homedir())) + word.slice(colon);
}
