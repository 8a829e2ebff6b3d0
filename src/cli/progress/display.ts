import type { BuildEvent } from "../../build/builder.ts";
import type { BuildState } from "./build-state.ts";

/** Shows a build while it runs. The caller applies each event to `state` by handing it to `show` alone. */
export interface BuildDisplay {
  readonly state: BuildState;
  show(event: BuildEvent): void;
  /** The build is over, well or not. Idempotent. */
  end(): void;
}

export const progressModes = ["auto", "plain", "tty", "rawjson", "quiet"] as const;
export type ProgressMode = (typeof progressModes)[number];

export interface DisplayOptions {
  readonly mode: ProgressMode;
  readonly stream: NodeJS.WriteStream;
  /** Names the image gets, as they are shown. */
  readonly names: readonly string[];
  /** ms since the epoch */
  readonly now: () => number;
}
