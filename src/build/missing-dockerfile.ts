import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { didYouMean } from "../dockerfile/suggest.ts";

/** What may be meant by a Dockerfile that is not at `path`, to be put behind the error; empty when nothing is near. */
export function missingDockerfileHint(path: string): string {
  const names = namesIn(dirname(path));
  const near = didYouMean(basename(path), names);
  if (near !== "") return near;
  const other = names.find((name) => /^(dockerfile|containerfile)(\.|$)|\.dockerfile$/i.test(name));
  if (other !== undefined) return ` (there is ${other}: name it with -f)`;
  const below = names.find((name) => existsSync(join(dirname(path), name, "Dockerfile")));
  return below === undefined ? "" : ` (there is one in ${below}/)`;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => !name.endsWith(".dockerignore"));
  } catch {
    return [];
  }
}
