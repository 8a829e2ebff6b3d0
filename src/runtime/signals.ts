import { constants } from "node:os";
import { SlipwayError } from "../errors.ts";

const RTMIN = 34;
const RTMAX = 64;
const byName: Readonly<Record<string, number>> = { ...constants.signals, SIGCLD: 17, SIGIOT: 6, SIGPOLL: 29 };

/**
 * The number of a signal as Docker's options spell it: `9`, `KILL`, `sigkill`, `RTMIN+3`. Throws `invalid_argument`:
 * `invalid signal: FOO`.
 */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : named(text.toUpperCase().replace(/^SIG/, ""));
  if (number === undefined || number < 1 || number > RTMAX) {
    throw new SlipwayError("invalid_argument", `invalid signal: ${text}`);
  }
  return number;
}

function named(name: string): number | undefined {
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realtime === null) return byName[`SIG${name}`];
  const [, base, sign = "+", offset = "0"] = realtime;
  const steps = Number(offset);
  const number = base === "MIN" ? RTMIN + steps : RTMAX - steps;
  const forward = base === "MIN" ? "+" : "-";
  const valid = (sign === forward || steps === 0) && number >= RTMIN && number <= RTMAX;
  return valid ? number : undefined;
}

/** `SIGTERM` for 15; undefined for a number without a name. */
export function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
}
