import type { BuildDisplay, DisplayOptions } from "./display.ts";

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
