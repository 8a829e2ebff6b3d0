/** Escape sequences: CSI, OSC and other strings, two-byte ones; and their C1 forms. */
const sequences =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
// oxlint-disable-next-line no-control-regex -- the same
const colours = /^\u001b\[[0-9;:]*m$/;
/** What is left: C0, DEL, C1, and the marks that turn the direction of text around. */
// oxlint-disable-next-line no-control-regex -- the same
const controls = /[\u0000-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line of foreign text that cannot move a terminal's cursor, retitle it or forge other lines: escape sequences go,
 * tabs become spaces, other control characters go as well. With `colour` the sequences that only colour stay. Pure.
 */
export function sanitizeLine(text: string, { colour = false }: { colour?: boolean } = {}): string {
  return text
    .replaceAll("\t", "        ")
    .replace(sequences, (sequence) => (colour && colours.test(sequence) ? sequence : ""))
    .replace(controls, "");
}

/** What a line of output shows in the end: carriage returns begin it anew. Pure. */
export function lastWritten(line: string): string {
  const text = line.replace(/\r+$/, "");
  return text.slice(text.lastIndexOf("\r") + 1);
}
