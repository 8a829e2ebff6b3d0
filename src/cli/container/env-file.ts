import { readFile } from "../files.ts";
import { UsageError } from "../flags/parse-flags.ts";

/**
 * Variables of an `--env-file`: one `NAME=value` a line, taken as it stands; `#` starts a comment line; a name alone
 * takes its value from `env`. Throws {@link UsageError} in Docker's words.
 */
export function readEnvFile(path: string, env: Readonly<Record<string, string | undefined>>): string[] {
  return readLines(path).flatMap((raw) => {
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

function readLines(path: string): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return readBytes(path).map((bytes, at) => {
    try {
      return decoder.decode(bytes);
    } catch (error) {
      const what = `env file ${path} contains invalid utf8 bytes at line ${at + 1}`;
      throw new UsageError(what, { cause: error });
    }
  });
}

/** Lines as bytes, so that one that is no text can be named. A byte order mark is not part of the first. */
function readBytes(path: string): Buffer[] {
  const bytes = contentOf(path);
  const lines: Buffer[] = [];
  for (let at = bytes.subarray(0, 3).toString("hex") === "efbbbf" ? 3 : 0; at <= bytes.length;) {
    const end = bytes.indexOf(10, at);
    lines.push(bytes.subarray(at, end < 0 ? bytes.length : end));
    at = (end < 0 ? bytes.length : end) + 1;
  }
  return lines;
}

function contentOf(path: string): Buffer {
  try {
    return readFile(path);
  } catch (error) {
    throw new UsageError(`open ${path}: no such file or directory`, { cause: error });
  }
}
