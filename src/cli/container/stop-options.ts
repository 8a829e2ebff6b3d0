/** How to stop, for `stop` and `restart`. Pure. */
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
