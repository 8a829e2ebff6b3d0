import type { ContainerPathStat } from "../../engine/container-files.ts";
import type { ByteStream } from "../../oci/call-options.ts";

export interface CopyOptions {
  readonly archive: boolean;
  readonly followLink: boolean;
}

/** `source`, its length added to `into` as it passes. */
export async function* counted(
  source: ByteStream,
  into: { bytes: number },
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of source) {
    into.bytes += chunk.length;
    yield chunk;
  }
}

/** Go's `os.ModeDir`. */
export function isDirectory({ mode }: ContainerPathStat): boolean {
  return Math.floor(mode / 2 ** 31) % 2 === 1;
}

/** Go's `os.ModeSymlink`. */
export function isSymlink({ mode }: ContainerPathStat): boolean {
  return Math.floor(mode / 2 ** 27) % 2 === 1;
}

/** Neither a directory nor an ordinary file: a device, a pipe, a socket. */
export function isIrregular(stat: ContainerPathStat): boolean {
  const special = [2 ** 26, 2 ** 25, 2 ** 24, 2 ** 21];
  return special.some((bit) => Math.floor(stat.mode / bit) % 2 === 1);
}
