import { integer, string } from "../flags/flag.ts";

/** The options of `stop` and `restart`. */
export const stopFlags = {
  signal: string("Signal to send to the container", { short: "s" }),
  timeout: integer("Seconds to wait before killing the container", { short: "t" }),
  time: integer("Deprecated: use --timeout"),
} as const;

/** What the engine is told of them. Pure. */
export function stopOptions(flags: {
  readonly signal: string;
  readonly timeout: number | undefined;
  readonly time: number | undefined;
}): { killSignal?: string; timeout?: number } {
  const timeout = flags.timeout ?? flags.time;
  return {
    ...(flags.signal === "" ? {} : { killSignal: flags.signal }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}
