import { tarError } from "./tar-error.ts";
import { numberField } from "./tar-fields.ts";
import { parsePaxNumber } from "./pax-records.ts";
import type { RawHeader } from "./ustar-block.ts";

/** A stretch of a sparse file that the archive holds; between stretches are holes. Bytes. */
export interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** Which way the map of a sparse file is written (GNU tar manual, "Storing Sparse Files"). */
export type SparseKind = "old" | "0.x" | "1.0";

/** The kind of `header`'s sparse map; undefined for a file that is not sparse. */
export function sparseKind(header: RawHeader): SparseKind | undefined {
  if (header.type === "S") return "old";
  const major = header.pax.get("GNU.sparse.major") ?? "";
  const minor = header.pax.get("GNU.sparse.minor") ?? "";
  if (major === "1" && minor === "0") return "1.0";
  if (major === "0" && (minor === "0" || minor === "1")) return "0.x";
  if (major !== "" || minor !== "") return undefined;
  return (header.pax.get("GNU.sparse.map") ?? "") === "" ? undefined : "0.x";
}

/** The name and real size that the sparse records of a PAX header carry. */
export function applySparseRecords(header: RawHeader): void {
  const name = header.pax.get("GNU.sparse.name") ?? "";
  if (name !== "") header.name = name;
  const size = header.pax.get("GNU.sparse.size") || header.pax.get("GNU.sparse.realsize") || "";
  if (size !== "") header.size = parsePaxNumber(size);
}

/** Formats 0.0 and 0.1: the map stands in the records. */
export function mapFromRecords(pax: ReadonlyMap<string, string>): Extent[] {
  const count = parsePaxNumber(pax.get("GNU.sparse.numblocks") ?? "");
  const text = pax.get("GNU.sparse.map") ?? "";
  const numbers = text === "" ? [] : text.split(",");
  if (count < 0 || numbers.length !== 2 * count) throw tarError("a broken sparse map");
  return pairs(numbers.map((number) => parsePaxNumber(number)));
}

/** Format 1.0: decimal lines at the start of the content. Undefined while lines are missing. */
export function mapFromLines(text: string): Extent[] | undefined {
  const lines = text.split("\n");
  if (lines.length < 2) return undefined;
  const count = parsePaxNumber(lines[0] ?? "");
  if (count < 0 || count > 1 << 20) throw tarError("a broken sparse map");
  if (lines.length - 1 < 1 + 2 * count) return undefined;
  return pairs(lines.slice(1, 1 + 2 * count).map((line) => parsePaxNumber(line)));
}

/** The old GNU format: `slots` pairs at `at` in a header or extension block; an empty offset ends the list. */
export function mapFromBlock(block: Uint8Array, at: number, slots: number): Extent[] {
  const extents: Extent[] = [];
  for (let slot = 0; slot < slots && block[at + slot * 24] !== 0; slot += 1) {
    const offset = numberField(block, at + slot * 24, 12);
    extents.push({ offset, length: numberField(block, at + slot * 24 + 12, 12) });
  }
  return extents;
}

/** Throws unless the extents lie in order, apart, and within `size`. */
export function checkExtents(extents: readonly Extent[], size: number): void {
  let end = 0;
  for (const { offset, length } of extents) {
    const isSound = offset >= end && length >= 0 && offset + length <= size;
    if (!isSound) throw tarError("a broken sparse map");
    end = offset + length;
  }
  if (size < 0) throw tarError("a negative size");
}

function pairs(numbers: readonly number[]): Extent[] {
  const extents: Extent[] = [];
  for (let at = 0; at < numbers.length; at += 2) {
    extents.push({ offset: numbers[at] ?? 0, length: numbers[at + 1] ?? 0 });
  }
  return extents;
}
