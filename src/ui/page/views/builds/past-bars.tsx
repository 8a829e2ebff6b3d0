import type { BuildRecord } from "../../../../engine/engine.ts";
import { useApp } from "../../app/app.ts";
import { pagePath } from "../../app/router.ts";
import { clock, duration } from "../../data/format.ts";

interface PastBarsProps {
  readonly of: BuildRecord;
  readonly all: readonly BuildRecord[];
}

const most = 24;

/** How long the last builds of the same project took; each bar leads to its build. */
export function PastBars({ of, all }: PastBarsProps) {
  const { router } = useApp();
  const same = all
    .filter(({ project }) => project === of.project)
    .slice(0, most)
    .toReversed();
  if (same.length < 2) return null;
  const longest = Math.max(...same.map(({ durationMs }) => durationMs), 1);
  return (
    <div class="row">
      <span class="muted">last {same.length}</span>
      <div class="past-bars" role="group" aria-label="Durations of the last builds of this project">
        {same.map(({ id, durationMs, startedAt, outcome }) => {
          const text = `${duration(durationMs)}, ${outcome}, ${clock(startedAt)}`;
          return (
            <button
              key={id}
              type="button"
              class={`past-bar ${outcome}`}
              aria-current={id === of.id ? "true" : undefined}
              aria-label={text}
              title={text}
              style={{ height: `${Math.max(6, (100 * durationMs) / longest)}%` }}
              onClick={() => router.go(pagePath("builds", id))}
            />
          );
        })}
      </div>
    </div>
  );
}
