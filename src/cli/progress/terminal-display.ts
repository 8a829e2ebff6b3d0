import type { BuildEvent } from "../../build/builder.ts";
import type { BuildDisplay, DisplayOptions } from "./display.ts";
import { buildFrame } from "./build-frame.ts";
import { BuildState } from "./build-state.ts";
import { displayWidth } from "../format/display-width.ts";

/** ms between two drawings */
const interval = 100;
/** What a stream that is no terminal is taken for. */
const usualSize = { columns: 80, rows: 24 };

/** The list of steps, drawn anew in place. Holds a timer until `end`. */
export class TerminalDisplay implements BuildDisplay {
  readonly state = new BuildState();
  readonly #options: Omit<DisplayOptions, "mode">;
  readonly #began: number;
  readonly #timer: NodeJS.Timeout;
  #drawn: readonly string[] = [];
  #ended = false;

  constructor(options: Omit<DisplayOptions, "mode">) {
    this.#options = options;
    this.#began = options.now();
    this.#timer = setInterval(() => this.#draw(false), interval);
  }

  show(event: BuildEvent): void {
    this.state.apply(event, this.#options.now());
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#timer);
    this.#draw(true);
  }

  #draw(isOver: boolean): void {
    const { stream, now, names } = this.#options;
    const { columns: width, rows } = { ...usualSize, ...(stream.isTTY ? sizeOf(stream) : {}) };
    const height = isOver ? {} : { height: Math.max(3, rows - 1) };
    const frame = buildFrame(this.state, {
      width,
      ...height,
      now: now(),
      began: this.#began,
      isOver,
      names,
    });
    stream.write(`${this.#back(width)}${frame.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
    this.#drawn = frame;
  }

  /** Up to where the last drawing began: on a terminal that became narrower its lines take several rows each. */
  #back(width: number): string {
    const rows = this.#drawn.map((line) => Math.max(1, Math.ceil(displayWidth(line) / width)));
    const up = rows.reduce((sum, count) => sum + count, 0);
    return up === 0 ? "" : `\r\u001b[${up}A`;
  }
}

function sizeOf({ columns, rows }: NodeJS.WriteStream): { columns: number; rows: number } {
  return columns > 0 && rows > 0 ? { columns, rows } : usualSize;
}
