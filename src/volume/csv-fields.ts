import { SlipwayError } from "../errors.ts";

/**
 * The fields of one CSV record (RFC 4180): a field that begins with a quote ends with one, and a doubled quote inside
 * is one quote. Pure. Throws `invalid_argument` for a quote in the wrong place.
 */
export function csvFields(text: string): string[] {
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const match = rest.startsWith('"') ? /^"((?:[^"]|"")*)"(,|$)/.exec(rest) : /^([^",]*)(,|$)/.exec(rest);
    if (match === null)
      throw new SlipwayError("invalid_argument", `invalid CSV: bare or extraneous " in "${text}"`);
    fields.push((match[1] ?? "").replaceAll('""', '"'));
    if (match[2] === "") return fields;
    rest = rest.slice(match[0].length);
  }
}
