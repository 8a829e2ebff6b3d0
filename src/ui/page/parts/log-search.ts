import { plainText } from "./ansi.ts";
import type { LogBuffer, LogLine } from "./log-buffer.ts";

/** Finds a text in lines that keep coming: what was looked through once is not looked through again. */
export class LogSearch {
  readonly #buffer: Pick<LogBuffer, "lines">;
  #wanted = "";
  #seen = 0;
  #first: LogLine | undefined;
  #hits: number[] = [];

  constructor(buffer: Pick<LogBuffer, "lines">) {
    this.#buffer = buffer;
  }

  /** Indexes of the lines that have it, upper or lower case. */
  hits(wanted: string): readonly number[] {
    const { lines } = this.#buffer;
    const text = wanted.toLowerCase();
    if (text !== this.#wanted || this.#first !== lines[0]) {
      this.#wanted = text;
      this.#seen = 0;
      this.#first = lines[0];
      this.#hits = [];
    }
    if (text === "") return this.#hits;
    const found: number[] = [];
    for (let at = this.#seen; at < lines.length; at += 1) {
      const raw = lines[at]?.text ?? "";
      const shown = raw.includes("\u001b") || raw.includes("\r") ? plainText(raw) : raw;
      if (shown.toLowerCase().includes(text)) found.push(at);
    }
    this.#seen = lines.length;
    if (found.length > 0) this.#hits = [...this.#hits, ...found];
    return this.#hits;
  }
}
