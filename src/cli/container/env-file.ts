import { readFileSync } from "node:fs";
import { UsageError } from "../flags/parse-flags.ts";

/**
 * Variables of an `--env-file`: one `NAME=value` a line, taken as it stands; `#` starts a comment line; a name alone
 * takes its value from `env`. Throws {@link UsageError} in Docker's words.
 */
export function readEnvFile(path: string, env: Readonly<Record<string, string | undefined>>): string[] {
  const lines = readText(path)
    .replace(/^\uFEFF/, "")
    .split("\n");
  return lines.flatMap((raw) => {
    const line = raw.replace(/\r$/, "").trimStart();
    if (line === "" || line.startsWith("#")) return [];
    const [name = ""] = line.split("=", 1);
    if (name === "") throw new UsageError(`invalid env file (${path}): no variable name on line '${line}'`);
    if (/\s/.test(name))
      throw new UsageError(`invalid env file (${path}): variable '${name}' contains whitespaces`);
    if (line.includes("=")) return [line];
    return env[name] === undefined ? [] : [`${name}=${env[name]}`];
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`open ${path}: no such file or directory`, { cause: error });
  }
}
