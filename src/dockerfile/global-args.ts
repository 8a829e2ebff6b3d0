import type { Dockerfile } from "./dockerfile.ts";
import { DockerfileError } from "./dockerfile-error.ts";
import { expandInstruction } from "./expand-instruction.ts";

/**
 * The ARGs before the first FROM over the predefined ones: a build argument wins over the default, which may use the
 * arguments above it (Dockerfile reference, "Understand how ARG and FROM interact"). Throws {@link DockerfileError}.
 */
export function globalArguments(
  file: Pick<Dockerfile, "directives" | "globalArgs">,
  buildArgs: Readonly<Record<string, string>>,
  predefined: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const values = new Map(predefined);
  for (const key of predefined.keys()) {
    const given = buildArgs[key];
    if (given !== undefined) values.set(key, given);
  }
  for (const written of file.globalArgs) {
    for (const declaration of written.args) {
      const given = buildArgs[declaration.key];
      const alone = { ...written, args: [declaration] };
      const own = () => expandInstruction(alone, (name) => values.get(name), file.directives.escape).args[0];
      const value = given ?? own()?.value;
      if (value !== undefined) values.set(declaration.key, value);
      if (declaration.key === "SOURCE_DATE_EPOCH" && value !== undefined && !/^-?\d+$/.test(value))
        throw new DockerfileError(`invalid SOURCE_DATE_EPOCH: ${value}`, written.location);
    }
  }
  return values;
}
