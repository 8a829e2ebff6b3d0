/** Reads at least `length` bytes, if there are as many; `all` gives them again, and the rest. Iterate `all` once. */
export async function readStart(
  stream: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Uint8Array, void, void> }> {
  const parts = stream[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  for (let count = 0; count < length;) {
    const next = await parts.next();
    if (next.done === true) break;
    seen.push(next.value);
    count += next.value.length;
  }
  return { head: Buffer.concat(seen).subarray(0, length), all: joined(seen, parts) };
}

async function* joined(
  seen: readonly Uint8Array[],
  parts: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  try {
    yield* seen;
    for (let next = await parts.next(); next.done !== true; next = await parts.next()) yield next.value;
  } finally {
    await parts.return?.();
  }
}
