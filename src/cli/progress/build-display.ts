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

/** `auto`: live on a terminal, plain otherwise. Loads only the display that is used. */
export async function openBuildDisplay(options: DisplayOptions): Promise<BuildDisplay> {
  switch (options.mode) {
    case "tty":
      return await terminal(options);
    case "rawjson":
      return new (await import("./json-display.ts")).JsonDisplay(options);
    case "quiet":
      return new (await import("./quiet-display.ts")).QuietDisplay(options);
    case "auto":
      if (options.stream.isTTY) return await terminal(options);
      break;
    case "plain":
      break;
  }
  return new (await import("./plain-display.ts")).PlainDisplay(options);
}

async function terminal(options: DisplayOptions): Promise<BuildDisplay> {
  return new (await import("./terminal-display.ts")).TerminalDisplay(options);
}
