import type { ByteStream } from "../../oci/call-options.ts";

/**
 * `source`, and what it needs: `owner` is disposed when the stream ends, fails or is left, also when nobody asked for
 * a byte. A generator would not do: left before its first step, it runs none of its clean-up.
 */
export function ownedStream(source: ByteStream, owner: AsyncDisposable): ByteStream {
  const chunks = source[Symbol.asyncIterator]();
  const finish = async () => {
    await owner[Symbol.asyncDispose]();
    return { done: true, value: undefined } as const;
  };
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    try {
      const step = await chunks.next();
      return step.done === true ? await finish() : step;
    } catch (error) {
      await finish();
      throw error;
    }
  };
  const leave = async () => {
    await chunks.return?.();
    return await finish();
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
}
