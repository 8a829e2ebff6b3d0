/**
 * Turns work that reports line by line into an iterable: lines as they come, then the work's end or its error.
 * Leaving the loop early aborts the work and waits for it.
 */
export async function* streamLines<T>(
  work: (report: (line: T) => void, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): AsyncIterable<T> {
  const left = new AbortController();
  const queue: T[] = [];
  let wake = () => {};
  let ended = false;
  const report = (line: T) => (queue.push(line), wake());
  const done = work(
    report,
    signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]),
  ).finally(() => {
    ended = true;
    wake();
  });
  done.catch(() => {});
  try {
    for (;;) {
      for (let line = queue.shift(); line !== undefined; line = queue.shift()) yield line;
      if (ended) break;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    await done;
  } finally {
    if (!ended) left.abort();
    await done.catch(() => {});
  }
}
