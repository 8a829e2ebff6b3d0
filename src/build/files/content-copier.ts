import { cloneFd, copyRange, readAt, writeAt } from "../../platform/fd.ts";
import { errnoOf } from "../../platform/syscall-error.ts";

const bufferSize = 1 << 20;
const notPossible = new Set(["EXDEV", "EINVAL", "EOPNOTSUPP", "ENOSYS"]);

/**
 * Copies the content of files in the cheapest way that works between two file systems: shared blocks, then inside
 * the kernel, then through a buffer. What did not work once is not tried again. Synchronous.
 */
export class ContentCopier {
  #canClone = true;
  #canRange = true;
  #buffer: Uint8Array | undefined;

  /** `output` is a new file. Copies at most `size` bytes. */
  copy(input: number, output: number, size: number): void {
    if (size === 0 || this.#clone(input, output) || this.#range(input, output, size)) return;
    const buffer = (this.#buffer ??= new Uint8Array(bufferSize));
    for (let done = 0; done < size;) {
      const count = readAt(input, buffer.subarray(0, Math.min(bufferSize, size - done)), done);
      if (count === 0) return;
      writeAt(output, buffer.subarray(0, count), done);
      done += count;
    }
  }

  #clone(input: number, output: number): boolean {
    if (this.#canClone) this.#canClone = cloneFd(input, output);
    return this.#canClone;
  }

  #range(input: number, output: number, size: number): boolean {
    if (!this.#canRange) return false;
    try {
      for (let done = 0; done < size;) {
        const count = copyRange(input, output, done, size - done);
        if (count === 0) return true;
        done += count;
      }
      return true;
    } catch (error) {
      if (!notPossible.has(errnoOf(error) ?? "")) throw error;
      this.#canRange = false;
      return false;
    }
  }
}
