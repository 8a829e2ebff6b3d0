import { chmodSync, chownSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { SlipwayError } from "../../errors.ts";
import type { CleanupStack } from "../../internal/cleanup-stack.ts";
import { mountAll } from "../../platform/mount-all.ts";
import type { OciMount } from "../../runtime/spec/oci-spec.ts";
import type { ExecMount } from "../vertex.ts";

type SecretMount = Extract<ExecMount, { type: "secret" }>;

export interface SecretParts {
  readonly runDir: string;
  /** The build's secrets by id. */
  readonly secrets: ReadonlyMap<string, Uint8Array>;
}

/** What a step gets of one secret: a file, a variable (`NAME=value`), or both. */
export interface PreparedSecret {
  readonly mount?: OciMount & { readonly isFile: true };
  readonly env?: string;
}

/**
 * A secret for one step (Dockerfile reference, "RUN --mount=type=secret"). The file is in memory only, and gone when
 * `undo` is carried out. Nothing when the build has no such secret and the step can do without; else throws
 * `invalid_argument`.
 */
export function secretMount(parts: SecretParts, secret: SecretMount, undo: CleanupStack): PreparedSecret {
  const content = parts.secrets.get(secret.id);
  if (content === undefined) {
    if (secret.required) throw new SlipwayError("invalid_argument", `secret ${secret.id}: not found`);
    return {};
  }
  return {
    ...(secret.target !== undefined && {
      mount: fileMount(parts.runDir, { ...secret, target: secret.target }, content, undo),
    }),
    ...(secret.env !== undefined && { env: variable(secret.env, content) }),
  };
}

function variable(name: string, content: Uint8Array): string {
  const value = Buffer.from(content).toString("utf8");
  if (value.includes("\0"))
    throw new SlipwayError("invalid_argument", `Cannot set "${name}" from a secret: it holds a NUL byte`);
  return `${name}=${value}`;
}

/** A file in memory at `target`, gone when `undo` is carried out. */
export function fileMount(
  runDir: string,
  { target, uid, gid, mode }: Pick<SecretMount, "uid" | "gid" | "mode"> & { readonly target: string },
  content: Uint8Array,
  undo: CleanupStack,
): OciMount & { readonly isFile: true } {
  const directory = `${runDir}/secret-${crypto.randomUUID()}`;
  mkdirSync(directory, { mode: 0o700 });
  undo.push(() => rmdirSync(directory));
  const options = ["nosuid", "nodev", "noexec", "mode=0700"];
  const memory = mountAll([{ type: "tmpfs", source: "tmpfs", options }], directory);
  undo.push(() => memory[Symbol.asyncDispose]());
  const file = `${directory}/content`;
  writeFileSync(file, content, { mode: 0o600 });
  chownSync(file, uid, gid);
  chmodSync(file, mode);
  const readOnly = ["rbind", "ro", "nosuid", "nodev", "noexec"];
  return { destination: target, type: "bind", source: file, options: readOnly, isFile: true };
}
