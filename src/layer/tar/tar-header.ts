/** One character: what an entry is (POSIX pax, "ustar Interchange Format", typeflag; GNU's and Sun's additions). */
export const tarTypes = {
  file: "0",
  hardLink: "1",
  symlink: "2",
  charDevice: "3",
  blockDevice: "4",
  directory: "5",
  fifo: "6",
  contiguous: "7",
  paxHeader: "x",
  paxGlobal: "g",
  gnuSparse: "S",
  gnuLongName: "L",
  gnuLongLink: "K",
} as const;

export type TarFormat = "V7" | "USTAR" | "PAX" | "GNU" | "STAR" | "unknown";

/** One entry of an archive. Names and PAX values are byte strings (`internal/byte-string.ts`): no byte is lost. */
export interface TarHeader {
  /** one of {@link tarTypes}, or another character the writer chose */
  readonly type: string;
  /** as in the archive: may be absolute, end in a slash, or hold `..` */
  readonly name: string;
  readonly linkname: string;
  /** permission bits; some writers put type bits above them */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  /** bytes of the file once unpacked, holes included */
  readonly size: number;
  /** nanoseconds since the epoch */
  readonly mtime: bigint;
  readonly devMajor: number;
  readonly devMinor: number;
  /** the PAX records as read, `SCHILY.xattr.*` too */
  readonly pax: ReadonlyMap<string, string>;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  readonly format: TarFormat;
}

/** Bytes in a block, and in the largest extended header we read. */
export const BLOCK = 512;
export const MAX_EXTENDED_HEADER = 1 << 20;

/** Types that have no content, whatever their size field says. */
export function isHeaderOnly(type: string): boolean {
  return type >= "1" && type <= "6" && type.length === 1;
}

/** Bytes from `size` to the end of its last block. */
export function blockPadding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
