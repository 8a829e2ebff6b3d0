/**
 * What a client of Docker's engine may rely on where it errs: status and words, by operation. The world: an image
 * `busybox` (also `busybox:two`) and `single`, which the container `single` runs, the containers `up` (running `sleep`), `held` (paused), `made` (never started) and
 * `over` (ended with 3), the network `net` with `up` on it, the volume `vol` that `made` uses.
 */
export interface Expectation {
  readonly ask: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly status: number;
  readonly words?: string;
}
