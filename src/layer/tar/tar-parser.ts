import { textField } from "./tar-fields.ts";
import { ByteQueue } from "./byte-queue.ts";
import { parsePaxNumber, parsePaxRecords, parsePaxTime } from "./pax-records.ts";
import {
  applySparseRecords,
  checkExtents,
  mapFromBlock,
  mapFromLines,
  mapFromRecords,
  sparseKind,
  type Extent,
} from "./sparse-map.ts";
import { tarError, truncatedTar } from "./tar-error.ts";
import {
  BLOCK,
  blockPadding,
  isHeaderOnly,
  MAX_EXTENDED_HEADER,
  tarTypes,
  type TarHeader,
} from "./tar-header.ts";
import { isZeroBlock, parseHeaderBlock, type RawHeader } from "./ustar-block.ts";
import { encodeBytes } from "../../internal/byte-string.ts";
import { numberField } from "./tar-fields.ts";

/** `entry`, then its `data` in order of `offset` (holes of a sparse file are left out), then `end`. */
export type TarEvent =
  | { readonly kind: "entry"; readonly header: TarHeader; readonly isSparse: boolean }
  | { readonly kind: "data"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

/** A step of the parse: an event, or undefined when more bytes are needed. */
type Steps<T> = Generator<TarEvent | undefined, T, void>;

/**
 * Reads a tar archive that is pushed to it in chunks, and yields events as far as the bytes go. Reads V7, ustar, PAX,
 * GNU and star with all four sparse formats, as Go's archive/tar does. Data events point into the pushed chunks.
 * Throws `invalid_argument` for a broken archive; the parser is then of no more use. What follows the archive's end
 * is ignored.
 */
export class TarParser {
  readonly #queue = new ByteQueue();
  readonly #steps: Steps<void>;

  constructor() {
    this.#steps = archive(this.#queue);
  }

  push(chunk: Uint8Array): Generator<TarEvent, void, void> {
    this.#queue.push(chunk);
    return this.#events();
  }

  /** The input is over: the last events. */
  end(): Generator<TarEvent, void, void> {
    this.#queue.ended = true;
    return this.#events();
  }

  *#events(): Generator<TarEvent, void, void> {
    for (;;) {
      const step = this.#steps.next();
      if (step.done === true) {
        this.#queue.takeSome(this.#queue.available);
        return;
      }
      if (step.value === undefined) return;
      yield step.value;
    }
  }
}

/** Extended headers that have been read and apply to the next entry. */
interface Pending {
  pax?: Map<string, string>;
  longName?: string;
  longLink?: string;
}

function* archive(queue: ByteQueue): Steps<void> {
  let pending: Pending = {};
  for (;;) {
    const block = yield* readHeaderBlock(queue);
    if (block === undefined) return;
    const header = parseHeaderBlock(block);
    if (header.type === tarTypes.paxHeader || header.type === tarTypes.paxGlobal) {
      header.format = "PAX";
      const records = parsePaxRecords(yield* readSpecial(queue, header.size));
      if (header.type === tarTypes.paxHeader) pending = { ...pending, pax: records };
      else {
        mergePax(header, records);
        yield* emit(queue, { ...header, size: 0 }, [], 0, false);
      }
    } else if (header.type === tarTypes.gnuLongName || header.type === tarTypes.gnuLongLink) {
      const bytes = yield* readSpecial(queue, header.size);
      const key = header.type === tarTypes.gnuLongName ? "longName" : "longLink";
      pending = { ...pending, [key]: textField(bytes, 0, bytes.length) };
    } else {
      yield* readEntry(queue, block, header, pending);
      pending = {};
    }
  }
}

function* readEntry(queue: ByteQueue, block: Uint8Array, header: RawHeader, pending: Pending): Steps<void> {
  const rawFormat = header.format;
  if (pending.pax !== undefined) {
    header.format = "PAX";
    mergePax(header, pending.pax);
  }
  if (pending.longName) header.name = pending.longName;
  if (pending.longLink) header.linkname = pending.longLink;
  if (pending.longName !== undefined || pending.longLink !== undefined) header.format = "GNU";
  if (header.type === "\0") header.type = header.name.endsWith("/") ? tarTypes.directory : tarTypes.file;
  if (header.size < 0) throw tarError("a negative size");
  const stored = isHeaderOnly(header.type) ? 0 : header.size;
  const kind = sparseKind(header);
  if (kind === undefined) {
    const extents = stored === 0 ? [] : [{ offset: 0, length: stored }];
    yield* emit(queue, header, extents, stored, false);
    return;
  }
  if (kind === "old" && rawFormat !== "GNU") throw tarError("a sparse entry that is not GNU's");
  if (kind !== "old") applySparseRecords(header);
  const sparse = yield* readSparseMap(queue, block, header, kind);
  if (isHeaderOnly(header.type)) throw tarError("a sparse entry without content");
  checkExtents(sparse.extents, header.size);
  yield* emit(queue, header, sparse.extents, stored - sparse.bytesRead, true);
}

/** The entry, and the `stored` bytes that follow it laid out over `extents`, and the padding. */
function* emit(
  queue: ByteQueue,
  header: TarHeader,
  extents: readonly Extent[],
  stored: number,
  isSparse: boolean,
): Steps<void> {
  yield { kind: "entry", header, isSparse };
  let rest = stored;
  for (const extent of extents) {
    rest -= extent.length;
    if (rest < 0) throw tarError("a sparse map that needs more data than there is");
    yield* emitExtent(queue, extent);
  }
  if (rest > 0) throw tarError("data that the sparse map does not use");
  yield* skipPadding(queue, stored);
  yield { kind: "end" };
}

function* emitExtent(queue: ByteQueue, extent: Extent): Steps<void> {
  for (let done = 0; done < extent.length;) {
    const bytes = queue.takeSome(extent.length - done);
    if (bytes.length === 0) {
      if (queue.ended) throw truncatedTar();
      yield undefined;
    } else {
      yield { kind: "data", offset: extent.offset + done, bytes };
      done += bytes.length;
    }
  }
}

/** The padding of the archive's last entry may be missing. */
function* skipPadding(queue: ByteQueue, size: number): Steps<void> {
  let rest = blockPadding(size);
  while (rest > 0) {
    const skipped = queue.takeSome(rest).length;
    rest -= skipped;
    if (skipped === 0 && queue.ended) return;
    if (skipped === 0) yield undefined;
  }
}

/** The next header block; undefined at the end: two zero blocks, or the end of the input. */
function* readHeaderBlock(queue: ByteQueue): Steps<Uint8Array | undefined> {
  if (!(yield* waitFor(queue, 1))) return undefined;
  const block = yield* read(queue, BLOCK);
  if (!isZeroBlock(block)) return block;
  if (!(yield* waitFor(queue, 1))) return undefined;
  if (isZeroBlock(yield* read(queue, BLOCK))) return undefined;
  throw tarError("a single zero block");
}

function* readSpecial(queue: ByteQueue, size: number): Steps<Uint8Array> {
  if (size < 0) throw tarError("a negative size");
  if (size > MAX_EXTENDED_HEADER) throw tarError("an extended header that is too long");
  const bytes = yield* read(queue, size);
  yield* skipPadding(queue, size);
  return bytes;
}

function* read(queue: ByteQueue, count: number): Steps<Uint8Array> {
  if (!(yield* waitFor(queue, count))) throw truncatedTar();
  return queue.take(count);
}

function* waitFor(queue: ByteQueue, count: number): Steps<boolean> {
  while (queue.available < count && !queue.ended) yield undefined;
  return queue.available >= count;
}

interface SparseMap {
  readonly extents: readonly Extent[];
  /** bytes of the entry's stored content that the map took */
  readonly bytesRead: number;
}

function* readSparseMap(
  queue: ByteQueue,
  block: Uint8Array,
  header: RawHeader,
  kind: "old" | "0.x" | "1.0",
): Steps<SparseMap> {
  if (kind === "0.x") return { extents: mapFromRecords(header.pax), bytesRead: 0 };
  if (kind === "1.0") return yield* readMapLines(queue);
  header.size = numberField(block, 483, 12);
  const extents = mapFromBlock(block, 386, 4);
  for (let isExtended = block[482] !== 0; isExtended;) {
    if (extents.length * 24 > MAX_EXTENDED_HEADER) throw tarError("a sparse map that is too long");
    const extension = yield* read(queue, BLOCK);
    extents.push(...mapFromBlock(extension, 0, 21));
    isExtended = extension[504] !== 0;
  }
  return { extents, bytesRead: 0 };
}

function* readMapLines(queue: ByteQueue): Steps<SparseMap> {
  const parts: string[] = [];
  let lines = 0;
  let needed = 1;
  for (let count = 1; ; count += 1) {
    if (count * BLOCK > MAX_EXTENDED_HEADER) throw tarError("a sparse map that is too long");
    const text = Buffer.from(yield* read(queue, BLOCK)).toString("latin1");
    parts.push(text);
    lines += text.split("\n").length - 1;
    if (needed === 1 && lines > 0) needed = 1 + 2 * parsePaxNumber(parts.join("").split("\n", 1)[0] ?? "");
    const extents = lines >= needed ? mapFromLines(parts.join("")) : undefined;
    if (extents !== undefined) return { extents, bytesRead: count * BLOCK };
  }
}

/** The records take the place of the header's fields; an empty value leaves the field. */
function mergePax(header: RawHeader, records: Map<string, string>): void {
  const xattrs = new Map<string, Uint8Array>();
  for (const [key, value] of records) {
    if (value !== "") mergeRecord(header, key, value);
    if (key.startsWith("SCHILY.xattr.")) xattrs.set(key.slice(13), encodeBytes(value));
  }
  header.pax = records;
  header.xattrs = xattrs;
}

function mergeRecord(header: RawHeader, key: string, value: string): void {
  switch (key) {
    case "path":
      header.name = value;
      break;
    case "linkpath":
      header.linkname = value;
      break;
    case "uname":
    case "gname":
      header[key] = value;
      break;
    case "uid":
    case "gid":
    case "size":
      header[key] = parsePaxNumber(value);
      break;
    case "mtime":
      header.mtime = parsePaxTime(value);
      break;
    case "atime":
    case "ctime":
      parsePaxTime(value);
      break;
    default:
  }
}
