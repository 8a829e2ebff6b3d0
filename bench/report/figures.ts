/** A figure with its unit, to about three digits: `4.2 ms`, `1.25 s`, `92 MB`. */
export function figure(value: number, unit: "ms" | "MB"): string {
  if (unit === "ms" && value >= 1000) return `${digits(value / 1000)} s`;
  return `${digits(value)} ${unit}`;
}

function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
