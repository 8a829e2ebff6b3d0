/** The wall clock set back by more than this, in ms, is followed, although the order of events breaks then. */
const setBack = 1000;

/** Two clocks in ms: `wall` since the epoch in whole ones, which may be set; `steady` since anything, with fractions. */
export interface Clocks {
  wall(): number;
  steady(): number;
}

/**
 * A clock in milliseconds since the epoch, with fractions: finer than Date.now(), so that events keep their order, and
 * always within its millisecond, so that none lies after a "now" read later. Slewed back, it stands until time has caught up.
 */
export function makeNow(clocks: Clocks = { wall: Date.now, steady: () => performance.now() }): () => number {
  let offset = clocks.wall() - clocks.steady();
  let last = 0;
  return () => {
    const wall = clocks.wall();
    const steady = clocks.steady();
    const ahead = offset + steady - wall;
    if (ahead < 0 || ahead >= 1) offset = wall - steady;
    const time = offset + steady;
    last = last - time > setBack ? time : Math.max(last, time);
    return last;
  };
}
