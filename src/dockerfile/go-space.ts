/** What Go calls white space (`unicode.IsSpace`), as the body of a character class. */
export const space =
  "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const one = new RegExp(`^[${space}]`);
const none = new RegExp(`[^${space}]`);

/** As Go's `unicode.IsSpace`, for one character. */
export function isSpace(char: string): boolean {
  return one.test(char);
}

/** Without white space at the beginning. */
export function trimStart(text: string): string {
  const start = text.search(none);
  return start === -1 ? "" : text.slice(start);
}

/** As Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  const trimmed = trimStart(text);
  return trimEnd(trimmed, isSpace);
}

/** Without the characters at the end that `drop` takes. A loop: `/ +$/` takes quadratic time on a run of blanks. */
export function trimEnd(text: string, drop: (char: string) => boolean): string {
  let end = text.length;
  while (end > 0 && drop(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
