/** Wide in East Asian scripts, and emoji: two cells of a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const combining = /^(?:\p{Mn}|\p{Me}|\p{Cf})$/u;

/** What nearly all text is: one cell a character. */
const plain = /^[ -~]*$/;

/** Cells that one character takes on a terminal. */
function cells(character: string): number {
  if (character < "\u0300") return 1;
  return combining.test(character) ? 0 : wide.test(character) ? 2 : 1;
}

/** Whether every character is one cell. Pure. */
export function isPlain(text: string): boolean {
  return plain.test(text);
}

/** Cells that a text without control characters takes on a terminal. Pure. */
export function displayWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const character of text) width += cells(character);
  return width;
}

/** The beginning of a text, at most `width` cells, `…` at its end when something was cut. Pure. */
export function cutToWidth(text: string, width: number): string {
  if (text.length <= width && displayWidth(text) <= width) return text;
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += cells(character);
    if (used > width - 1) break;
    kept += character;
  }
  return width < 1 ? "" : `${kept}…`;
}
