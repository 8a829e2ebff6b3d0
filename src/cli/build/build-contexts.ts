import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { NamedContext } from "../../build/builder.ts";
import { ExitError } from "../command.ts";
import { layoutContext } from "./layout-context.ts";
import { isRemoteContext } from "./build-source.ts";

/**
 * `--build-context name=path`, `name=docker-image://alpine`, `name=oci-layout://dir:tag`, `name=https://…` and git references, by name. Throws
 * {@link ExitError}.
 */
export function namedContexts(words: readonly string[]): Record<string, NamedContext> {
  return Object.fromEntries(words.map(namedContext));
}

function namedContext(word: string): [string, NamedContext] {
  const [, name = "", value = ""] = /^([^=]*)=(.*)$/s.exec(word) ?? [];
  if (name === "" || value === "") throw failed(`invalid context value: ${word}, expected key=value`);
  return [name.toLowerCase(), parse(name, value)];
}

function parse(name: string, value: string): NamedContext {
  if (value.startsWith("docker-image://"))
    return { kind: "image", reference: value.slice("docker-image://".length) };
  const layout = layoutContext(value);
  if (layout !== undefined) return { kind: "image", reference: layout.reference };
  if (isRemoteContext(value)) return { kind: "remote", url: value };
  const path = resolve(value);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw failed(`failed to get build context path {${name}}: "${value}" is no directory`);
  return { kind: "directory", path };
}

function failed(message: string): ExitError {
  return new ExitError(1, `ERROR: failed to build: ${message}`);
}
