import { signal } from "@preact/signals";

export interface LogLine {
  readonly text: string;
  /** As the engine stamped it; empty when it did not. */
  readonly time: string;
  readonly isError: boolean;
}

/** The oldest go when there are more. */
const maxLines = 250_000;
const dropped = 25_000;

/** Lines of output as they come. `version` counts up when there are new ones, at most once a frame. */
export class LogBuffer {
  readonly version = signal(0);
  #lines: LogLine[] = [];
  /** Of each stream what has no line break yet. */
  readonly #open = { out: "", err: "" };
  readonly #stamped: boolean;
  #isTold = false;

  /** `stamped`: each line begins with its time. */
  constructor({ stamped }: { stamped: boolean }) {
    this.#stamped = stamped;
  }

  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  add(text: string, isError: boolean): void {
    const key = isError ? "err" : "out";
    const parts = (this.#open[key] + text).split("\n");
    this.#open[key] = parts.pop() ?? "";
    for (const part of parts) this.#lines.push(this.#line(part, isError));
    if (this.#lines.length > maxLines)
      this.#lines = this.#lines.slice(this.#lines.length - maxLines + dropped);
    this.#tell();
  }

  /** What had no line break is a line after all. */
  finish(): void {
    for (const key of ["out", "err"] as const) if (this.#open[key] !== "") this.add("\n", key === "err");
  }

  #line(part: string, isError: boolean): LogLine {
    const raw = part.endsWith("\r") ? part.slice(0, -1) : part;
    const space = this.#stamped ? raw.indexOf(" ") : -1;
    return { time: space < 0 ? "" : raw.slice(0, space), text: raw.slice(space + 1), isError };
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    requestAnimationFrame(() => {
      this.#isTold = false;
      this.version.value += 1;
    });
  }
}
