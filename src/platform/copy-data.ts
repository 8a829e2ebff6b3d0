import { copyRange, dataExtents, readAt, truncateFd, writeAt } from "./fd.ts";
import type { FileStat } from "./stat.ts";
import { errnoOf } from "./syscall-error.ts";

/** Files up to this size pass through this process, which is quicker than asking the kernel to copy them. */
const small = 64 * 1024;

/** The bytes of an open file into an empty one, holes as holes. `stat`: the file's, while nobody writes to it. */
export function copyData(source: number, target: number, stat: Pick<FileStat, "size" | "blocks">): void {
  const { size, blocks } = stat;
  if (size === 0) return;
  const isDense = blocks * 512 >= size;
  if (isDense && size <= small) return void copyBytes(source, target, 0, size);
  if (isDense) return copyExtent(source, target, 0, size);
  truncateFd(target, size);
  for (const { offset, length } of dataExtents(source, size)) copyExtent(source, target, offset, length);
}

function copyExtent(source: number, target: number, offset: number, length: number): void {
  let copy = copyRange;
  for (let done = 0; done < length;) {
    let count: number;
    try {
      count = copy(source, target, offset + done, length - done);
    } catch (error) {
      // The kernel copies within one file system alone, and some have no such call.
      if (copy === copyBytes || !["EXDEV", "EOPNOTSUPP", "EINVAL"].includes(errnoOf(error) ?? ""))
        throw error;
      copy = copyBytes;
      continue;
    }
    if (count === 0) return;
    done += count;
  }
}

/** As {@link copyRange}, through this process. */
function copyBytes(source: number, target: number, offset: number, length: number): number {
  const buffer = Buffer.allocUnsafe(Math.min(length, 1 << 20));
  const count = readAt(source, buffer, offset);
  writeAt(target, buffer.subarray(0, count), offset);
  return count;
}
