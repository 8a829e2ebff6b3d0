/** Measures the named parts of a command or of an engine's work, where a person asked for it. */
export interface Trace {
  /** Does `work` and gives what it gives, also a promise, whose end is then the part's. */
  span<T>(name: string, work: () => T): T;
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
      let result;
      try {
        result = work();
      } catch (error) {
        end();
        throw error;
      }
      if (result instanceof Promise) result.then(end, end);
      else end();
      return result;
    },
  };
}

/** `15:04:05.123    12.3 ms  mount`. Times are those of `performance.now()`. */
export function spanLine(name: string, began: number, ended: number): string {
  const clock = new Date(performance.timeOrigin + began).toISOString().slice(11, 23);
  return `${clock} ${(ended - began).toFixed(1).padStart(7)} ms  ${name}`;
}
