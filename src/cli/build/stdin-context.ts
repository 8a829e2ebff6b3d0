import type { ByteStream } from "../../oci/call-options.ts";

/** A tar's magic ends here. */
const headLength = 262;

/** Reads enough to tell what comes; `all` gives it again, and the rest. Iterate `all` once. */
export async function readStart(stdin: NodeJS.ReadStream): Promise<{ head: Buffer; all: ByteStream }> {
  const parts = (stdin as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let length = 0;
  while (length < headLength) {
    const next = await parts.next();
    if (next.done === true) break;
    seen.push(next.value);
    length += next.value.length;
  }
  return { head: Buffer.concat(seen).subarray(0, headLength), all: joined(seen, parts) };
}

async function* joined(
  seen: readonly Uint8Array[],
  parts: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* seen;
  for (let next = await parts.next(); next.done !== true; next = await parts.next()) yield next.value;
}

const magics = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
].map((bytes) => Buffer.from(bytes));

/** A tar, plain or compressed by gzip, zstd, bzip2 or xz. Pure. */
export function looksLikeArchive(head: Buffer): boolean {
  if (magics.some((magic) => head.subarray(0, magic.length).equals(magic))) return true;
  return head.subarray(257, headLength).toString("latin1") === "ustar";
}
