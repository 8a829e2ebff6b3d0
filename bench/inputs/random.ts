/** Numbers from 0 to 2³²-1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Bytes that compress to about a half, as programs and texts do: 32 random bytes, then 32 that repeat them. */
export function mixedBytes(seed: number, size: number): Buffer {
  const next = randomNumbers(seed);
  const bytes = Buffer.allocUnsafe((size + 63) & ~63);
  for (let at = 0; at < bytes.length; at += 64) {
    for (let word = 0; word < 32; word += 4) bytes.writeUInt32LE(next(), at + word);
    bytes.copy(bytes, at + 32, at, at + 32);
  }
  return bytes.subarray(0, size);
}
