const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * A span of time in words, as Docker shows it: `Less than a second`, `45 seconds`, `About a minute`, `3 hours`,
 * `2 weeks`. Takes milliseconds. Callers add "ago" or "Up".
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / second);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(milliseconds / minute);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  return humanHours(milliseconds / hour);
}

/** Hours are rounded, years are cut off. */
function humanHours(exact: number): string {
  const hours = Math.trunc(exact + 0.5);
  const days = Math.trunc(hours / 24);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${days} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(days / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(days / 30)} months`;
  return `${Math.trunc(exact / 24 / 365)} years`;
}
