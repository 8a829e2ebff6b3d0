/** Measures the named parts of a command or of an engine's work, where a person asked for it. */
export interface Trace {
  /** Does `work` and gives what it gives, also a promise, whose end is then the part's. */
  span<T>(name: string, work: () => T): T;
  /** What a request has to carry so that its parts at the other end belong to the part that is open here. */
  headers?(): Record<string, string>;
  /** {@link span} for a request that came with `headers` of another trace, whose part it is then. */
  serve?<T>(headers: Readonly<Record<string, string>>, name: string, work: () => T): T;
  /** Sends off what is still held back. Never throws. */
  flush?(): Promise<void>;
}

/** Measures nothing. */
export const noTrace: Trace = { span: (_name, work) => work() };

/**
 * Prints each part when it ends, failed ones too: the time of day it began at, so that the lines of client and engine
 * can be laid side by side, how long it took in ms, its name. Parts that run side by side overlap.
 */
export function printingTrace(print: (line: string) => void): Trace {
  return {
    span: (name, work) => {
      const began = performance.now();
      const end = () => print(spanLine(name, began, performance.now()));
      return atEnd(work, end, end);
    },
  };
}

/** Both at once. */
export function bothTraces(outer: Trace, inner: Trace): Trace {
  return { ...outer, span: (name, work) => inner.span(name, () => outer.span(name, work)) };
}

/** Does `work`; tells of its end, or its failure, when it comes. What `work` gives or throws is passed on. */
export function atEnd<T>(work: () => T, ended: () => void, failed: (error: unknown) => void): T {
  let result;
  try {
    result = work();
  } catch (error) {
    failed(error);
    throw error;
  }
  if (result instanceof Promise) result.then(ended, failed);
  else ended();
  return result;
}

/** `15:04:05.123    12.3 ms  mount`. Times are those of `performance.now()`. */
export function spanLine(name: string, began: number, ended: number): string {
  const clock = new Date(performance.timeOrigin + began).toISOString().slice(11, 23);
  return `${clock} ${(ended - began).toFixed(1).padStart(7)} ms  ${name}`;
}
