import { readFileSync } from "node:fs";
import { errorMessage } from "../../errors.ts";
import { csvFields } from "../../volume/csv-fields.ts";
import { ExitError } from "../command.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * `--secret id=npm,src=$HOME/.npmrc` and `--secret id=TOKEN,env=CI_TOKEN`: contents in base64 by id. An id alone is the
 * variable of that name, else the file. Throws {@link ExitError}; no message holds a content.
 */
export function readSecrets(words: readonly string[], env: Env): Record<string, string> {
  return Object.fromEntries(words.map((word) => readSecret(word, env)));
}

function readSecret(word: string, env: Env): [string, string] {
  const fields = new Map(csvFields(word).map((field) => keyAndValue(field, word)));
  const id = fields.get("id") ?? "";
  if (id === "") throw failed(`--secret ${word}: id is missing`);
  const type = fields.get("type");
  if (type !== undefined && type !== "file" && type !== "env")
    throw failed(`unsupported secret type "${type}"`);
  const source = fields.get("source") ?? fields.get("src");
  const isVariable = type === "env" || (source === undefined && type === undefined && env[id] !== undefined);
  const name = fields.get("env") ?? (isVariable ? (source ?? id) : undefined);
  if (name === undefined) return [id, readFile(source ?? id, id)];
  const value = env[name];
  if (value === undefined) throw failed(`secret ${id}: the variable "${name}" is not set`);
  return [id, Buffer.from(value).toString("base64")];
}

function keyAndValue(field: string, word: string): [string, string] {
  const equals = field.indexOf("=");
  const key = field.slice(0, equals).toLowerCase();
  if (equals === -1) throw failed(`invalid field '${field}' must be a key=value pair`);
  if (!["id", "type", "source", "src", "env"].includes(key))
    throw failed(`unexpected key '${key}' in '${word}'`);
  return [key, field.slice(equals + 1)];
}

function readFile(path: string, id: string): string {
  try {
    return readFileSync(path).toString("base64");
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const why = isMissing ? "no such file or directory" : errorMessage(cause);
    throw failed(`failed to stat ${path}: stat ${path}: ${why} (secret ${id})`, { cause });
  }
}

function failed(message: string, options?: ErrorOptions): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${message}`, options);
}
