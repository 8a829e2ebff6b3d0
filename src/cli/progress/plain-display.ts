import type { BuildEvent } from "../../build/builder.ts";
import {
  BuildState,
  duration,
  isOwnError,
  missCause,
  seconds,
  shortError,
  type LogLine,
  type VertexState,
} from "./build-state.ts";
import type { BuildDisplay, DisplayOptions } from "./display.ts";
import { sanitizeLine } from "./sanitize.ts";

/** How long (ms) one step may hold back the lines of the others. */
const patience = 5000;

/**
 * Lines that are never taken back, each with its step's number. Steps that run side by side take turns: the lines of
 * the others wait until the step on show is over, or until their patience is.
 */
export class PlainDisplay implements BuildDisplay {
  readonly state = new BuildState();
  readonly #options: Omit<DisplayOptions, "mode">;
  readonly #numbers = new Map<VertexState, number>();
  readonly #waiting = new Map<VertexState, string[]>();
  #current: VertexState | undefined;
  #currentSince = 0;
  #ended = false;

  constructor(options: Omit<DisplayOptions, "mode">) {
    this.#options = options;
  }

  show(event: BuildEvent): void {
    const now = this.#options.now();
    const change = this.state.apply(event, now);
    if (change === undefined) return;
    const { vertex, lines } = change;
    const texts = [...lines.map(logText), ...this.#texts(vertex, event)];
    if (texts.length > 0 || event.type === "started") this.#put(vertex, texts, now);
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leave();
    for (const vertex of this.#waiting.keys()) {
      this.#enter(vertex, 0);
      this.#leave();
    }
    if (this.state.imageID !== undefined) this.#sayImage(this.state.imageID);
  }

  #texts(vertex: VertexState, event: BuildEvent): string[] {
    if (event.type === "progress") return [sanitizeLine(event.text)];
    if (event.type !== "completed") return [];
    if (vertex.cached) return ["CACHED"];
    const cause = missCause(vertex);
    const because = cause === undefined ? [] : [`because ${sanitizeLine(cause)}`];
    if (vertex.error === undefined) return [...because, `DONE ${seconds(duration(vertex, 0))}`];
    if (!isOwnError(vertex, vertex.error)) return ["CANCELED"];
    return [...because, `ERROR: ${sanitizeLine(shortError(vertex.error, vertex.name))}`];
  }

  #put(vertex: VertexState, texts: readonly string[], now: number): void {
    const free = this.#current === undefined || now - this.#currentSince > patience;
    if (vertex !== this.#current && !free) {
      this.#waiting.set(vertex, [...(this.#waiting.get(vertex) ?? []), ...texts]);
      return;
    }
    this.#enter(vertex, now);
    this.#write(vertex, texts);
    if (vertex.completed !== undefined) this.#next(now);
  }

  /** The step on show is over: whole ones that wait are told, then the next one that still runs is on show. */
  #next(now: number): void {
    this.#leave();
    const ready = [...this.#waiting.keys()];
    for (const vertex of ready.filter(({ completed }) => completed !== undefined)) {
      this.#enter(vertex, now);
      this.#leave();
    }
    const [running] = this.#waiting.keys();
    if (running !== undefined) this.#enter(running, now);
  }

  #enter(vertex: VertexState, now: number): void {
    if (vertex === this.#current) return;
    this.#leave();
    this.#current = vertex;
    this.#currentSince = now;
    if (!this.#numbers.has(vertex)) this.#numbers.set(vertex, this.#numbers.size + 1);
    this.#write(vertex, [sanitizeLine(vertex.name), ...(this.#waiting.get(vertex) ?? [])]);
    this.#waiting.delete(vertex);
  }

  #leave(): void {
    if (this.#current === undefined) return;
    if (this.#current.completed === undefined) this.#write(this.#current, ["..."]);
    this.#current = undefined;
    this.#options.stream.write("\n");
  }

  #write(vertex: VertexState, texts: readonly string[]): void {
    const number = this.#numbers.get(vertex) ?? 0;
    this.#options.stream.write(texts.map((text) => `#${number} ${text}\n`).join(""));
  }

  #sayImage(id: string): void {
    const { stream, names } = this.#options;
    const number = this.#numbers.size + 1;
    const named = names.map((name) => `#${number} naming to ${name} done\n`).join("");
    stream.write(`#${number} exporting to image\n#${number} writing image ${id} done\n${named}`);
    stream.write(`#${number} DONE 0.0s\n`);
  }
}

function logText({ text, after }: LogLine): string {
  return `${(after / 1000).toFixed(3)} ${sanitizeLine(text, { colour: true })}`;
}
