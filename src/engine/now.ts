/** Milliseconds since the epoch, with fractions: finer than Date.now(), so that events keep their order. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
