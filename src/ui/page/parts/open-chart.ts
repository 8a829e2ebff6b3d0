import uPlot from "uplot";
import type { ChartLine } from "./chart-card.tsx";

export interface Chart {
  show(times: readonly number[], lines: readonly ChartLine[]): void;
  close(): void;
}

export interface ChartOptions {
  readonly format: (value: number) => string;
  /** The scale goes at least so high. */
  readonly floor: number;
  /** Seconds that are shown. */
  readonly span: number;
}

/** Draws lines in `place`, in its size, also when that changes. */
export function openChart(
  place: HTMLElement,
  lines: readonly ChartLine[],
  { format, floor, span }: ChartOptions,
): Chart {
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = { stroke: colour("--text-3"), font: `11px ${colour("--sans")}`, ticks: { show: false } };
  const grid = { stroke: colour("--line"), width: 1 };
  const plot = new uPlot(
    {
      ...sizeOf(place),
      legend: { show: false },
      cursor: { show: false },
      padding: [6, 6, 0, 0],
      scales: {
        x: { range: (_plot, _low, high) => [high - span, high] },
        y: { range: (_plot, _low, high) => [0, Math.max(high * 1.15, floor)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 90,
          size: 28,
          values: (_plot, times) => times.map(timeOfDay),
        },
        { ...axis, grid, size: 66, space: 34, values: (_plot, values) => values.map(format) },
      ],
      series: [
        {},
        ...lines.map(({ hue }) => ({
          stroke: colour(`--hue-${hue}`),
          fill: `${colour(`--hue-${hue}`)}22`,
          width: 1.6,
          points: { show: false },
        })),
      ],
    },
    [[], ...lines.map(() => [])],
    place,
  );
  const observer = new ResizeObserver(() => plot.setSize(sizeOf(place)));
  observer.observe(place);
  return {
    show: (times, shown) => plot.setData([[...times], ...shown.map(({ values }) => [...values])]),
    close: () => (observer.disconnect(), plot.destroy()),
  };
}

function sizeOf(place: HTMLElement): { width: number; height: number } {
  return { width: Math.max(100, place.clientWidth), height: Math.max(60, place.clientHeight) };
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toTimeString().slice(0, 8);
}
