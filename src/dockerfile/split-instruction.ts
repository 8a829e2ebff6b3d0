import { isSpace, trimSpace } from "./go-space.ts";

/** An instruction's text in its three parts. */
export interface InstructionText {
  /** As spelled. */
  readonly keyword: string;
  readonly flags: readonly string[];
  /** What follows the flags, trimmed. */
  readonly rest: string;
}

/** Splits `COPY --from=base a b`. Never fails: what the keyword and the flags mean is checked later. */
export function splitInstruction(line: string): InstructionText {
  const text = trimSpace(line);
  const gap = /[\t\v\f\r ]+/.exec(text);
  if (gap === null) return { keyword: text, flags: [], rest: "" };
  const keyword = text.slice(0, gap.index);
  const { flags, end } = readFlags(text, gap.index + gap[0].length);
  return { keyword, flags, rest: trimSpace(text.slice(end)) };
}

/** Words that start with `--`, up to the first that does not, or to a lone `--`, which is dropped. */
function readFlags(text: string, start: number): { flags: string[]; end: number } {
  const flags: string[] = [];
  let at = start;
  for (;;) {
    while (at < text.length && isSpace(text.charAt(at))) at += 1;
    if (!text.startsWith("--", at)) return { flags, end: at };
    const { word, end } = readWord(text, at);
    at = end;
    if (word === "--") return { flags, end: at };
    flags.push(word);
  }
}

/** One word, its quotes removed; a backslash takes the next character as it is, in quotes too. */
function readWord(text: string, start: number): { word: string; end: number } {
  let word = "";
  let quote = "";
  let at = start;
  for (; at < text.length; at += 1) {
    let char = text.charAt(at);
    if (quote === "" && isSpace(char)) break;
    if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    else {
      if (char === "\\") {
        at += 1;
        char = text.charAt(at);
      }
      word += char;
    }
  }
  return { word, end: at };
}
