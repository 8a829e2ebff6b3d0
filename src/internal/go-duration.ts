import { SlipwayError } from "../errors.ts";

const nanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const maxNanoseconds = 2 ** 63;

/**
 * Go's `time.ParseDuration`, which Docker's flags and HEALTHCHECK take: `1m30s`, `1.5h`, `-2ms`. Returns
 * nanoseconds, exact up to 104 days. Throws `invalid_argument` with Go's wording.
 */
export function parseGoDuration(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = /^[-+]/.test(text) ? text.slice(1) : text;
  if (body === "0") return 0;
  if (body === "") throw invalid(`invalid duration "${text}"`);
  let total = 0;
  for (let rest = body; rest !== "";) {
    const [whole, amount, unit] = /^(\d+\.?\d*|\.\d+)([^.\d]*)/.exec(rest) ?? [];
    if (whole === undefined) throw invalid(`invalid duration "${text}"`);
    if (unit === undefined || unit === "") throw invalid(`missing unit in duration "${text}"`);
    const scale = Object.hasOwn(nanoseconds, unit) ? nanoseconds[unit] : undefined;
    if (scale === undefined) throw invalid(`unknown unit "${unit}" in duration "${text}"`);
    total += Math.trunc(Number(amount) * scale);
    rest = rest.slice(whole.length);
  }
  if (total > maxNanoseconds) throw invalid(`invalid duration "${text}"`);
  return total === 0 ? 0 : sign * total;
}

/** Go's `Duration.String`: `1h0m0s`, `1m30s`, `1.5s`, `20ms`, `0s`. Takes nanoseconds. */
export function formatGoDuration(duration: number): string {
  if (duration === 0) return "0s";
  const sign = duration < 0 ? "-" : "";
  const value = Math.abs(duration);
  if (value < 1e3) return `${sign}${value}ns`;
  if (value < 1e6) return `${sign}${decimal(value, 1e3)}µs`;
  if (value < 1e9) return `${sign}${decimal(value, 1e6)}ms`;
  const minutes = Math.floor(value / 60e9);
  const seconds = `${decimal(value - minutes * 60e9, 1e9)}s`;
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return `${sign}${hours === 0 ? "" : `${hours}h`}${minutes % 60}m${seconds}`;
}

/** `value / unit` with all its digits, and none that are no digits of it. */
function decimal(value: number, unit: number): string {
  const fraction = String(Math.round(value % unit))
    .padStart(String(unit).length - 1, "0")
    .replace(/0+$/, "");
  return `${Math.floor(value / unit)}${fraction === "" ? "" : `.${fraction}`}`;
}

function invalid(reason: string): SlipwayError {
  return new SlipwayError("invalid_argument", `time: ${reason}`);
}
