/** What Go calls white space (`unicode.IsSpace`), as the body of a character class. */
export const space =
  "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

const one = new RegExp(`^[${space}]`);
const leading = new RegExp(`^[${space}]+`);
const around = new RegExp(`^[${space}]+|[${space}]+$`, "g");

export function isSpace(char: string): boolean {
  return one.test(char);
}

export function trimStart(text: string): string {
  return text.replace(leading, "");
}

export function trimSpace(text: string): string {
  return text.replace(around, "");
}
