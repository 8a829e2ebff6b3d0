import type { BuildRecord, RecordedStep } from "./build-record.ts";

/** Less is not worth a sentence. */
const worthMs = 1000;
const earlier = "an earlier step changed: ";

interface Loss {
  readonly copy: string;
  readonly run: string;
  builds: number;
  ms: number;
}

/**
 * What the builds of one project, newest first, teach: steps that were carried out again only because files copied
 * before them had changed, and what that cost. Pure.
 */
export function advise(builds: readonly BuildRecord[]): string[] {
  const losses = new Map<string, Loss>();
  for (const build of builds) for (const loss of lossesOf(build)) add(losses, loss);
  const newest = new Set(builds[0]?.steps.map(textOf));
  return [...losses.values()]
    .filter(
      ({ copy, run, ms, builds: count }) => ms >= worthMs && count > 1 && newest.has(copy) && newest.has(run),
    )
    .toSorted((a, b) => b.ms - a.ms)
    .map((loss) => sentence(loss, builds.length));
}

function sentence({ copy, run, ms, builds }: Loss, all: number): string {
  const seconds = `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  return (
    `moving \`${copy}\` below \`${run}\` would have saved ${seconds} in ${builds} of your last ${all} builds, ` +
    "if that step needs none of the files"
  );
}

function add(
  losses: Map<string, Loss>,
  { copy, run, durationMs }: { copy: string; run: string; durationMs: number },
): void {
  const key = `${copy}\n${run}`;
  const loss = losses.get(key) ?? { copy, run, builds: 0, ms: 0 };
  loss.builds += 1;
  loss.ms += durationMs;
  losses.set(key, loss);
}

/** RUNs whose one cause is, step by step, a COPY of the same stage whose files had changed. */
function lossesOf({ steps }: BuildRecord): { copy: string; run: string; durationMs: number }[] {
  const byNumber = new Map(steps.map((step) => [numberOf(step), step]));
  return steps.flatMap((step) => {
    if (step.outcome !== "done" || !/^RUN\s/i.test(textOf(step))) return [];
    const copy = rootOf(step, byNumber);
    return copy === undefined ? [] : [{ copy: textOf(copy), run: textOf(step), durationMs: step.durationMs }];
  });
}

function rootOf(step: RecordedStep, byNumber: ReadonlyMap<string, RecordedStep>): RecordedStep | undefined {
  let at = step;
  for (let hops = 0; hops < byNumber.size; hops += 1) {
    const [cause, second] = at.causes ?? [];
    if (cause === undefined || second !== undefined || !cause.startsWith(earlier)) break;
    const next = byNumber.get(cause.slice(earlier.length));
    if (next === undefined || next.stage !== step.stage) return undefined;
    at = next;
  }
  const isCopy = /^(COPY|ADD)\s/i.test(textOf(at)) && !/--from=/.test(textOf(at));
  const hasChangedFiles = at.causes?.every((cause) => fileCause.test(cause)) === true;
  return at !== step && isCopy && hasChangedFiles ? at : undefined;
}

const fileCause = /( changed \((content|mode)\)| added| removed|^and \d+ more files)$/;

/** `build 2/6` out of `[build 2/6] RUN npm install`. */
function numberOf({ name }: RecordedStep): string {
  return /^\[(.+?)\]/.exec(name)?.[1]?.replace(/\s+/g, " ").trim() ?? name;
}

function textOf({ name }: RecordedStep): string {
  return name.replace(/^\[.+?\]\s*/, "");
}
