import { appendFileSync, readFileSync, renameSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { EngineEvent } from "./types/event.ts";

const mostBytes = 1024 * 1024;

/**
 * The events of the past, a JSON document a line, in two files of at most 1 MiB: they are there for the engine that
 * comes after this one. Nothing is flushed: a power cut may take the last ones, a killed engine loses none.
 */
export class EventJournal {
  readonly #path: string;
  #bytes: number;

  private constructor(path: string) {
    this.#path = path;
    this.#bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    // What a crash cut off in its middle must not spoil the next one.
    if (this.#bytes > 0) appendFileSync(path, "\n");
  }

  /** `path`: `<root>/events.log`. */
  static async open(path: string): Promise<EventJournal> {
    await mkdir(dirname(path), { recursive: true });
    return new EventJournal(path);
  }

  /** Oldest first. Lines that a crash cut off are passed over. */
  read(): EngineEvent[] {
    return [`${this.#path}.1`, this.#path].flatMap((path) => linesOf(path).flatMap(parse));
  }

  append(event: EngineEvent): void {
    const line = `${JSON.stringify(event)}\n`;
    if (this.#bytes > mostBytes) {
      renameSync(this.#path, `${this.#path}.1`);
      this.#bytes = 0;
    }
    appendFileSync(this.#path, line, { mode: 0o600 });
    this.#bytes += line.length;
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function parse(line: string): EngineEvent[] {
  try {
    const event = JSON.parse(line) as EngineEvent;
    return typeof event.timeNano === "number" && event.Actor !== undefined ? [event] : [];
  } catch {
    return [];
  }
}
