import { isSpace } from "./go-space.ts";

/**
 * Splits at white space outside of quotes and keeps quotes and escapes, for the `name=value` pairs of ENV, LABEL
 * and ARG: `a="b c" d\ e` is `a="b c"` and `d\ e`.
 */
export function splitWords(text: string, escape: string): readonly string[] {
  const chars = [...text];
  const words: string[] = [];
  let word = "";
  let quote = "";
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? "";
    if (quote === "" && isSpace(char)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    if (char === escape && quote !== "'") {
      at += 1;
      // An escape at the very end escapes nothing.
      if (at < chars.length) word += char + (chars[at] ?? "");
      continue;
    }
    if (char === quote) quote = "";
    else if (quote === "" && (char === "'" || char === '"')) quote = char;
    word += char;
  }
  if (word !== "") words.push(word);
  return words;
}
