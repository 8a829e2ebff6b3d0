import type { BuildEvent } from "../../build/builder.ts";
import { lastWritten } from "./sanitize.ts";

/** A line that a step printed, and how many ms after its start. */
export interface LogLine {
  readonly text: string;
  readonly after: number;
}

/** One step as the events so far tell it. Times are ms since the epoch. */
export interface VertexState {
  readonly id: string;
  readonly name: string;
  readonly line: number | undefined;
  started: number | undefined;
  completed: number | undefined;
  cached: boolean;
  error: string | undefined;
  causes: readonly string[];
  /** What it last said of its progress. */
  progress: string | undefined;
  /** The last lines printed. */
  readonly log: LogLine[];
}

/** What one event changed, for displays that print as they go. */
export interface BuildChange {
  readonly vertex: VertexState;
  /** Whole lines that the event completed. */
  readonly lines: readonly LogLine[];
}

const keptLines = 200;
/** A step that never ends its line is cut here. */
const longestLine = 64 << 10;

/** The events of a build, added up. Holds a bounded part of each step's output. */
export class BuildState {
  readonly vertices: VertexState[] = [];
  readonly warnings: { readonly text: string; readonly line: number | undefined }[] = [];
  readonly #byId = new Map<string, VertexState>();
  readonly #partial = new Map<string, string>();
  imageID: string | undefined;

  /** `now`: ms since the epoch. Undefined for events that are about no step. */
  apply(event: BuildEvent, now: number): BuildChange | undefined {
    if (event.type === "warning") this.warnings.push({ text: event.text, line: event.line });
    if (event.type === "image") this.imageID = event.id;
    if (
      event.type === "warning" ||
      event.type === "image" ||
      event.type === "instructions" ||
      event.type === "answer" ||
      event.type === "debug"
    )
      return undefined;
    const vertex = event.type === "vertex" ? this.#add(event) : this.#byId.get(event.id);
    if (vertex === undefined) return undefined;
    return { vertex, lines: this.#update(vertex, event, now) };
  }

  #add({ id, name, line }: BuildEvent & { type: "vertex" }): VertexState {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const vertex: VertexState = {
      id,
      name,
      line,
      started: undefined,
      completed: undefined,
      cached: false,
      error: undefined,
      causes: [],
      progress: undefined,
      log: [],
    };
    this.#byId.set(id, vertex);
    this.vertices.push(vertex);
    return vertex;
  }

  #update(vertex: VertexState, event: BuildEvent, now: number): readonly LogLine[] {
    switch (event.type) {
      case "started":
        vertex.started ??= event.at;
        return [];
      case "progress":
        vertex.progress = event.text;
        return [];
      case "log":
        return this.#log(vertex, event, now);
      case "completed":
        vertex.completed = event.at;
        vertex.cached = event.cached;
        vertex.error = event.error;
        vertex.causes = event.causes ?? [];
        return this.#flush(vertex, now);
      default:
        return [];
    }
  }

  #log(vertex: VertexState, event: BuildEvent & { type: "log" }, now: number): readonly LogLine[] {
    const key = `${event.stream} ${vertex.id}`;
    const lines = ((this.#partial.get(key) ?? "") + event.data).split("\n");
    const rest = lines.pop() ?? "";
    if (rest.length > longestLine) lines.push(rest);
    this.#partial.set(key, rest.length > longestLine ? "" : rest);
    return keep(vertex, lines, now);
  }

  /** The step is over: what it printed last is a line too, though none ended it. */
  #flush(vertex: VertexState, now: number): readonly LogLine[] {
    const keys = [`stdout ${vertex.id}`, `stderr ${vertex.id}`];
    const rests = keys.map((key) => this.#partial.get(key) ?? "").filter((rest) => rest !== "");
    for (const key of keys) this.#partial.delete(key);
    return keep(vertex, rests, now);
  }
}

function keep(vertex: VertexState, texts: readonly string[], now: number): readonly LogLine[] {
  const after = Math.max(0, now - (vertex.started ?? now));
  const lines = texts.map((text) => ({ text: lastWritten(text), after }));
  vertex.log.push(...lines.slice(-keptLines));
  vertex.log.splice(0, vertex.log.length - keptLines);
  return lines;
}

/** ms that the step took so far, or in all. */
export function duration({ started, completed }: VertexState, now: number): number {
  return started === undefined ? 0 : Math.max(0, (completed ?? now) - started);
}

/** `1.2s` */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}

const untold = ["no such step was built before", "--no-cache"];

/** Why the step was no hit, in few words; undefined when there is nothing to explain. */
export function missCause({ cached, causes }: VertexState): string | undefined {
  const [first, ...others] = causes;
  if (cached || first === undefined || untold.includes(first)) return undefined;
  return others.length === 0 ? first : `${first} (and ${others.length} more)`;
}

/** `Dockerfile:3: …`: the line an error names. */
export function lineOf(message: string): number | undefined {
  const line = /^[^\s:]+:(\d+): /.exec(message)?.[1];
  return line === undefined ? undefined : Number(line);
}

/** Whether the error is the step's own: one that ended only because another failed carries that one's error. */
export function isOwnError({ name, line }: VertexState, error: string): boolean {
  const place = lineOf(error);
  const image = name.split("load metadata for ")[1];
  if (image !== undefined) return error.includes(JSON.stringify(image)) || place === undefined;
  return place === undefined ? !error.startsWith("[") || error.startsWith(name) : place === line;
}

/** A step's error without what is shown beside it anyway: its name, its place, its last lines. */
export function shortError(error: string, name: string): string {
  const [text = ""] = error.split("\n  > ", 1);
  const bare = text.startsWith(name) ? text.slice(name.length).replace(/^ \([^()\n]*:\d+\)/, "") : text;
  return bare.replace(/^: /, "").replace(/^[^\s:]+:\d+: /, "");
}
