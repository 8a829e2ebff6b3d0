import { useApp } from "../app/app.ts";
import { ago, clock } from "../data/format.ts";

/** A time as `3 minutes ago`, exact on hover. `at` in ms since the epoch; NaN: never. */
export function When({ at }: { readonly at: number }) {
  const { now } = useApp();
  if (!Number.isFinite(at) || at <= 0) return <span class="muted">never</span>;
  return (
    <time class="number" dateTime={new Date(at).toISOString()} title={clock(at)}>
      {ago(at, now.value)}
    </time>
  );
}
