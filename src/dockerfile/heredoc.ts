import { SlipwayError } from "../errors.ts";
import { expandWords, type ExpandOptions } from "./expand-word.ts";

/** One here-document (Dockerfile reference, "Here-Documents"). */
export interface Heredoc {
  /** The delimiter without quotes; also the file's name where a COPY or ADD destination is a directory. */
  readonly name: string;
  /** The lines between, each with its newline. */
  readonly content: string;
  /** False when the delimiter was quoted: variables stay as they are. */
  readonly expand: boolean;
  /** Leading tabs are to be dropped (`<<-`). */
  readonly chomp: boolean;
  readonly fileDescriptor: number;
}

const wordPattern = /^(\d*)<<(-?)\s*([^<]*)$/;
const operatorPattern = /^\d*<<-?$/;
const nothing = (): undefined => undefined;
const asWritten: ExpandOptions = { rawQuotes: true, rawEscapes: true, skipUnset: true };

/**
 * Reads the word that opens a here-document: `<<EOF`, `3<<-'EOF'`. Undefined when it is none; throws
 * `invalid_argument` when its quotes do not match. `content` is empty: the lines follow in the file.
 */
export function parseHeredocWord(word: string): Heredoc | undefined {
  const [, descriptor = "", dash, rest = ""] = wordPattern.exec(word) ?? [];
  if (rest === "") return undefined;
  const [name, ...more] = expandWords(rest, nothing, { skipUnset: true }).words;
  if (name === undefined || more.length > 0) return undefined;
  // A quoted delimiter reads differently with its quotes kept; then its content is not to be expanded.
  const [withQuotes] = expandWords(rest, nothing, { skipUnset: true, rawQuotes: true }).words;
  const expand = name === withQuotes;
  return { name, content: "", expand, chomp: dash === "-", fileDescriptor: Number(descriptor) };
}

/** The here-documents an instruction's line opens, in order. Throws as {@link parseHeredocWord}. */
export function heredocsOfLine(line: string): readonly Heredoc[] {
  const words = wordsOf(line);
  const found: Heredoc[] = [];
  for (let at = 0; at < words.length; at += 1) {
    let word = words[at] ?? "";
    if (operatorPattern.test(word)) {
      at += 1;
      word += ` ${words[at] ?? ""}`;
    }
    const heredoc = parseHeredocWord(word);
    if (heredoc !== undefined) found.push(heredoc);
  }
  return found;
}

/** Drops the leading tabs of every line, as `<<-` asks. */
export function chompTabs(content: string): string {
  return content.replace(/^\t+/gm, "");
}

/** A line whose quotes do not match opens no document: the shell will say what is wrong with it. */
function wordsOf(line: string): readonly string[] {
  try {
    return expandWords(line, nothing, asWritten).words;
  } catch (error) {
    if (error instanceof SlipwayError) return [];
    throw error;
  }
}
