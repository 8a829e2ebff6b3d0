import { errorCode, errorMessage, SlipwayError, type ErrorCode } from "../errors.ts";
import type { CallOptions } from "../oci/call-options.ts";
import type { BlobReader, FetchOptions } from "../oci/content.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Source } from "../oci/target.ts";

/** A copy that failed, and on which side. `cause` is the side's own error, whose code this one has. */
export class CopyError extends SlipwayError {
  readonly side: "source" | "target";

  constructor(side: "source" | "target", code: ErrorCode, message: string, cause: unknown) {
    super(code, message, { cause });
    this.name = "CopyError";
    this.side = side;
  }
}

export type ReadSide = Pick<Source, "resolve" | "fetch">;

/** `src`, with every failure, also one in the middle of a blob, told as the source's. */
export function readingFrom(src: Source, name: string): ReadSide {
  const fail = (error: unknown): never => {
    throw sided("source", `Cannot read from "${name}"`, error);
  };
  return {
    resolve: (ref: string, options?: CallOptions) => src.resolve(ref, options).catch(fail),
    fetch: async (desc: Descriptor, options?: FetchOptions) =>
      readingBlob(await src.fetch(desc, options).catch(fail), fail),
  };
}

function readingBlob(reader: BlobReader, fail: (error: unknown) => never): BlobReader {
  return {
    size: reader.size,
    async *[Symbol.asyncIterator]() {
      try {
        yield* reader;
      } catch (error) {
        fail(error);
      }
    },
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

/** Runs a piece of work of the target; its failure is told as the target's, but for what came out of the source. */
export async function writingTo<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sided("target", `Cannot write to "${name}"`, error);
  }
}

function sided(side: "source" | "target", what: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof CopyError || code === "cancelled") return error;
  return new CopyError(side, code, `${what}: ${errorMessage(error)}`, error);
}
