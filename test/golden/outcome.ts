/** One row of a golden set. */
export interface Outcome {
  readonly id: string;
  /** Why it did not pass: what was wanted, what came. Undefined: it passed. */
  readonly failure?: string | undefined;
}

/** Runs a file of recorded answers. Gives the outcomes by name of the set: a file may hold several. */
export type GoldenRunner = (text: string) => Readonly<Record<string, readonly Outcome[]>>;

/** Passed when both print the same. */
export function compared(id: string, wanted: unknown, got: unknown): Outcome {
  const [want, have] = [canonical(wanted), canonical(got)];
  return want === have ? { id } : { id, failure: firstDifference(want, have) };
}

/** What `work` gives, or `error` in an object when it throws. */
export function answerOf<T>(work: () => T): { readonly value: T } | { readonly error: string } {
  try {
    return { value: work() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** JSON with keys in order. */
export function canonical(value: unknown): string {
  const sorted = (each: unknown): unknown => {
    if (Array.isArray(each)) return each.map(sorted);
    if (typeof each !== "object" || each === null) return each;
    const entries = Object.entries(each).filter(([, inner]) => inner !== undefined);
    return Object.fromEntries(
      entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]),
    );
  };
  return JSON.stringify(sorted(value)) ?? "undefined";
}

const shownLength = 160;

function firstDifference(want: string, have: string): string {
  let at = 0;
  while (at < want.length && want[at] === have[at]) at += 1;
  const start = Math.max(0, at - 40);
  const part = (text: string): string => text.slice(start, start + shownLength);
  return `wanted …${part(want)}…, got …${part(have)}…`;
}
