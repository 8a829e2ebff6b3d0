import { useEffect, useRef } from "preact/hooks";
import { shownTheme } from "../app/theme.ts";
import type { Chart, ChartOptions } from "./open-chart.ts";

export interface ChartLine {
  readonly name: string;
  /** 1 to 8: a hue of the palette. */
  readonly hue: number;
  readonly values: readonly number[];
}

interface ChartCardProps {
  readonly title: string;
  /** The newest, in words. */
  readonly value: string;
  /** seconds since the epoch */
  readonly times: readonly number[];
  readonly lines: readonly ChartLine[];
  readonly options: ChartOptions;
}

/** Values over time. What is drawn is also said: the newest value stands beside the title. */
export function ChartCard({ title, value, times, lines, options }: ChartCardProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const theme = shownTheme.value;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const left = new AbortController();
    void import("./open-chart.ts").then(({ openChart }) => {
      if (left.signal.aborted) return;
      chart.current = openChart(element, lines, options);
      chart.current.show(times, lines);
    });
    return () => {
      left.abort();
      chart.current?.close();
      chart.current = undefined;
    };
  }, [theme]);
  useEffect(() => chart.current?.show(times, lines), [times, lines]);
  return (
    <section class="card" aria-label={`${title}: ${value}`}>
      <div class="row">
        <h2>{title}</h2>
        <span class="chart-value">{value}</span>
      </div>
      <div class="chart-plot" ref={place} aria-hidden="true" />
      {lines.length > 1 && (
        <div class="row muted" aria-hidden="true">
          {lines.map(({ name, hue }) => (
            <span key={name} class="row">
              <span class="status-dot" style={{ background: `var(--hue-${hue})` }} />
              {name}
            </span>
          ))}
        </div>
      )}
    </section>
  );
}
