import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { SlipwayError } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";

/**
 * Decompresses a file by a program of the host. Throws `unavailable` when it is not installed, `invalid_argument` when
 * it refuses the file.
 */
export async function decompressWith(
  program: "bzip2" | "xz",
  from: string,
  to: string,
  { signal }: CallOptions,
): Promise<void> {
  const input = openSync(from, "r");
  try {
    const output = openSync(to, "wx", 0o600);
    try {
      const stdio: ["pipe" | number, number, "pipe"] = [input, output, "pipe"];
      const child = spawn(program, ["-dc"], { stdio, ...(signal !== undefined && { signal }) });
      let said = "";
      child.stderr?.on("data", (data: Buffer) => (said = (said + data.toString()).slice(0, 1000)));
      const code = await new Promise<number | null>((resolve, reject) => {
        child.on("error", (cause) => reject(cannotRun(program, cause)));
        child.on("close", resolve);
      });
      signal?.throwIfAborted();
      if (code !== 0) throw new SlipwayError("invalid_argument", `Cannot unpack "${from}": ${said.trim()}`);
    } finally {
      closeSync(output);
    }
  } finally {
    closeSync(input);
  }
}

function cannotRun(program: string, cause: Error): Error {
  if ((cause as NodeJS.ErrnoException).code !== "ENOENT") return cause;
  const what = `Cannot unpack a ${program} archive: the program "${program}" is not installed on this machine`;
  return new SlipwayError("unavailable", what, { cause });
}
