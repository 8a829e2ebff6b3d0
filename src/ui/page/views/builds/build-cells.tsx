import type { BuildRecord } from "../../../../engine/engine.ts";
import { duration, plural } from "../../data/format.ts";

const looks = {
  running: { chip: "info", word: "Running" },
  done: { chip: "ok", word: "Done" },
  failed: { chip: "bad", word: "Failed" },
  cancelled: { chip: "", word: "Cancelled" },
} as const;

export function Outcome({ outcome }: { readonly outcome: keyof typeof looks }) {
  const { chip, word } = looks[outcome];
  return <span class={`chip ${chip}`}>{word}</span>;
}

/** Hits and misses, as a bar and in words. */
export function HitsBar({ steps }: Pick<BuildRecord, "steps">) {
  const count = (wanted: string) => steps.filter(({ outcome }) => outcome === wanted).length;
  const [hits, misses, failed] = [count("hit"), count("done"), count("failed")];
  const words = [
    plural(hits, "hit"),
    plural(misses, "miss", "misses"),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(", ");
  return (
    <div class="two-lines">
      <span class="hits-bar" aria-hidden="true">
        {hits > 0 && <span class="hit" style={{ flex: hits }} />}
        {misses > 0 && <span class="miss" style={{ flex: misses }} />}
        {failed > 0 && <span class="failed" style={{ flex: failed }} />}
      </span>
      <span class="second">{words}</span>
    </div>
  );
}

/** How long it took, beside how long the last ones of the same project took. */
export function BuildDuration({
  of,
  all,
}: {
  readonly of: BuildRecord;
  readonly all: readonly BuildRecord[];
}) {
  const before = all
    .filter(
      ({ project, startedAt, outcome }) =>
        project === of.project && startedAt < of.startedAt && outcome === "done",
    )
    .slice(0, 10)
    .map(({ durationMs }) => durationMs)
    .sort((a, b) => a - b);
  const middle = before[Math.floor(before.length / 2)];
  const difference = middle === undefined ? 0 : of.durationMs - middle;
  const isNotable = middle !== undefined && Math.abs(difference) > Math.max(100, middle * 0.2);
  return (
    <div class="two-lines">
      <span class="number">{duration(of.durationMs)}</span>
      {isNotable && of.outcome === "done" && (
        <span
          class={`second number ${difference < 0 ? "ok" : "warn"}`}
          title="Against the middle of the last ten"
        >
          {difference < 0 ? "−" : "+"}
          {duration(Math.abs(difference))}
        </span>
      )}
    </div>
  );
}
