import { SlipwayError } from "../errors.ts";

/** A resource limit of a process; -1 is no limit. `name` is Docker's: `nofile`, not `RLIMIT_NOFILE`. */
export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

const names = new Set(
  "core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack".split(
    " ",
  ),
);

/** `--ulimit nofile=1024:2048`: soft, then hard limit, which is the soft one when not given. Throws `invalid_argument`. */
export function parseUlimit(text: string): Ulimit {
  const equals = text.indexOf("=");
  if (equals === -1) throw invalid(`invalid ulimit argument: ${text}`);
  const name = text.slice(0, equals);
  if (!names.has(name)) throw invalid(`invalid ulimit type: ${name}`);
  const limits = text.slice(equals + 1).split(":");
  if (limits.length > 2)
    throw invalid(
      `too many limit value arguments - ${limits.join(":")}, can only have up to two, \`soft[:hard]\``,
    );
  const soft = limit(limits[0] ?? "");
  const hard = limits[1] === undefined ? soft : limit(limits[1]);
  if (hard !== -1 && (soft === -1 || soft > hard))
    throw invalid(
      `ulimit soft limit must be less than or equal to hard limit: soft: ${soft === -1 ? "-1 (unlimited)" : soft}, hard: ${hard}`,
    );
  return { name, soft, hard };
}

function limit(text: string): number {
  const value = /^[-+]?\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < -1) throw invalid(`invalid ulimit value: ${JSON.stringify(text)}`);
  return value;
}

function invalid(reason: string): SlipwayError {
  return new SlipwayError("invalid_argument", reason);
}
