import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";

const chunkSize = 1 << 20;

/** SHA-256 of each file in base64url. Synchronous: many or large files belong on a worker. */
export function hashFiles(root: string, paths: readonly string[]): string[] {
  const buffer = Buffer.allocUnsafe(chunkSize);
  return paths.map((path) => hashFile(`${root}/${path}`, buffer));
}

export function hashFile(path: string, buffer: Buffer): string {
  const hash = createHash("sha256");
  const fd = openSync(path, "r");
  try {
    for (;;) {
      const count = readSync(fd, buffer, 0, buffer.length, null);
      if (count === 0) break;
      hash.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
  return hash.digest("base64url");
}
