/** A piece of a line in one look. Colours are CSS values; undefined: the text's own. */
export interface AnsiSpan {
  readonly text: string;
  readonly color: string | undefined;
  readonly background: string | undefined;
  /** Classes for bold, dim, italic, underlined. */
  readonly look: string;
}

interface Pen {
  color: string | undefined;
  background: string | undefined;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
}

const palette = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
// oxlint-disable-next-line no-control-regex -- these are the bytes that terminals obey
const sequence = /\u001b(?:\[([\d;:]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_]|[ -/][0-~])/g;
// oxlint-disable-next-line no-control-regex -- what is left of control bytes shows nothing
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * Text with SGR sequences (ECMA-48, 8.3.117) as pieces; other sequences and control characters are taken out. A
 * carriage return begins the line anew, as progress bars use it. Pure.
 */
export function ansiSpans(raw: string): AnsiSpan[] {
  const line = raw.slice(raw.replace(/\r+$/, "").lastIndexOf("\r") + 1);
  const pen = newPen();
  const spans: AnsiSpan[] = [];
  let at = 0;
  const add = (text: string): void => {
    const shown = text.replaceAll(control, "");
    if (shown !== "")
      spans.push({ text: shown, color: pen.color, background: pen.background, look: lookOf(pen) });
  };
  for (const match of line.matchAll(sequence)) {
    add(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === "m") obey(pen, (match[1] ?? "").split(/[;:]/).map(Number));
  }
  add(line.slice(at));
  return spans;
}

/** The text alone. */
export function plainText(raw: string): string {
  return ansiSpans(raw)
    .map(({ text }) => text)
    .join("");
}

function newPen(): Pen {
  return {
    color: undefined,
    background: undefined,
    bold: false,
    dim: false,
    italic: false,
    underline: false,
  };
}

function lookOf({ bold, dim, italic, underline }: Pen): string {
  return [bold && "ansi-b", dim && "ansi-d", italic && "ansi-i", underline && "ansi-u"]
    .filter(Boolean)
    .join(" ");
}

function obey(pen: Pen, codes: readonly number[]): void {
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const { color, used } = extended(codes.slice(at + 1));
      if (code === 38) pen.color = color;
      else pen.background = color;
      at += used;
    } else obeySimple(pen, code);
  }
}

function obeySimple(pen: Pen, code: number): void {
  if (code === 0) Object.assign(pen, newPen());
  else if (code === 1) pen.bold = true;
  else if (code === 2) pen.dim = true;
  else if (code === 3) pen.italic = true;
  else if (code === 4) pen.underline = true;
  else if (code === 22) pen.bold = pen.dim = false;
  else if (code === 23) pen.italic = false;
  else if (code === 24) pen.underline = false;
  else if (code === 39) pen.color = undefined;
  else if (code === 49) pen.background = undefined;
  else if (code >= 30 && code <= 37) pen.color = named(code - 30);
  else if (code >= 90 && code <= 97) pen.color = named(code - 90);
  else if (code >= 40 && code <= 47) pen.background = named(code - 40);
  else if (code >= 100 && code <= 107) pen.background = named(code - 100);
}

/** Colours have a name, so that they are readable on light and on dark. */
function named(index: number): string {
  return `var(--ansi-${palette[index]})`;
}

/** What follows 38 or 48: `5;n` or `2;r;g;b`. */
function extended([kind, a = 0, b = 0, c = 0]: readonly number[]): {
  color: string | undefined;
  used: number;
} {
  if (kind === 2) return { color: `rgb(${[a, b, c].map(byte).join(" ")})`, used: 4 };
  if (kind !== 5) return { color: undefined, used: 0 };
  if (a < 16) return { color: named(a % 8), used: 2 };
  if (a >= 232) return { color: `rgb(${[0, 0, 0].map(() => byte(8 + (a - 232) * 10)).join(" ")})`, used: 2 };
  const part = (divisor: number) => [0, 95, 135, 175, 215, 255][Math.floor((a - 16) / divisor) % 6] ?? 0;
  return { color: `rgb(${[36, 6, 1].map(part).join(" ")})`, used: 2 };
}

function byte(value: number): number {
  return Math.max(0, Math.min(255, Number.isFinite(value) ? value : 0));
}
