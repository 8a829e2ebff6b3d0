/** A tar's magic ends here: what {@link looksLikeArchive} wants to see. */
export const headLength = 262;

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
