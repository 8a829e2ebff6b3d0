import {
  duration,
  isOwnError,
  missCause,
  seconds,
  type BuildState,
  type VertexState,
} from "./build-state.ts";
import { cutToWidth, displayWidth } from "../format/display-width.ts";
import { sanitizeLine } from "./sanitize.ts";

/** Lines of output a running step shows. */
const shownLines = 6;

export interface FrameOptions {
  /** cells */
  readonly width: number;
  /** lines; undefined: as many as it takes */
  readonly height?: number;
  /** ms since the epoch: now, and when the build began */
  readonly now: number;
  readonly began: number;
  readonly isOver: boolean;
  /** Names the image gets. */
  readonly names: readonly string[];
}

/**
 * What the live display shows: a head with the count of steps, a line a step, and the last output of those that run.
 * Every line fits the width. Where the height is short, steps that are over give way first. Pure.
 */
export function buildFrame(state: BuildState, options: FrameOptions): string[] {
  const begun = state.vertices.filter((vertex) => isBegun(vertex));
  const blocks = begun.map((vertex) => ({ vertex, lines: vertexLines(vertex, options) }));
  const tail = state.imageID === undefined ? [] : imageLines(state.imageID, options);
  const room = (options.height ?? Number.POSITIVE_INFINITY) - 1 - tail.length;
  let excess = blocks.reduce((sum, { lines }) => sum + lines.length, 0) - room;
  for (const block of blocks) {
    if (excess <= 0) break;
    if (block.vertex.completed === undefined || block.vertex.error !== undefined) continue;
    excess -= block.lines.length;
    block.lines.length = 0;
  }
  const body = blocks.flatMap(({ lines }) => lines);
  const cut = excess > 0 ? body.slice(Math.min(excess, body.length)) : body;
  return [headLine(state, options), ...cut, ...tail];
}

function isBegun({ started, completed }: VertexState): boolean {
  return started !== undefined || completed !== undefined;
}

function headLine(state: BuildState, { width, now, began, isOver }: FrameOptions): string {
  const done = state.vertices.filter(
    ({ completed, error }) => completed !== undefined && error === undefined,
  );
  const count = `(${done.length}/${state.vertices.length})`;
  const head = `[+] Building ${seconds(now - began)} ${count}${isOver ? " FINISHED" : ""}`;
  return cutToWidth(head, width);
}

function vertexLines(vertex: VertexState, options: FrameOptions): string[] {
  const word = outcome(vertex);
  const time = seconds(duration(vertex, options.isOver ? (vertex.completed ?? options.now) : options.now));
  const head = timed(` => ${word}${sanitizeLine(vertex.name)}`, time, options.width);
  const below = (text: string) => cutToWidth(` => => ${sanitizeLine(text)}`, options.width);
  const cause = missCause(vertex);
  const details = cause === undefined ? [] : [below(`because ${cause}`)];
  if (vertex.completed !== undefined) return [head, ...details];
  if (vertex.progress !== undefined) details.push(below(vertex.progress));
  details.push(...vertex.log.slice(-shownLines).map(({ text }) => below(`# ${text}`)));
  return [head, ...details];
}

function outcome(vertex: VertexState): string {
  if (vertex.error === undefined) return vertex.cached ? "CACHED " : "";
  return isOwnError(vertex, vertex.error) ? "ERROR " : "CANCELED ";
}

function imageLines(id: string, { width, names }: FrameOptions): string[] {
  const below = [`writing image ${id}`, ...names.map((name) => `naming to ${name}`)];
  const lines = below.map((text) => timed(` => => ${sanitizeLine(text)}`, "0.0s", width));
  return [timed(" => exporting to image", "0.0s", width), ...lines];
}

/** The time stands at the right edge. */
function timed(text: string, time: string, width: number): string {
  const room = width - time.length - 1;
  if (room < 1) return cutToWidth(text, width);
  const cut = cutToWidth(text, room);
  return `${cut}${" ".repeat(room - displayWidth(cut) + 1)}${time}`;
}
