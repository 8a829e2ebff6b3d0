import { LineProblem } from "./line-parsers.ts";

/**
 * The fields of one line of comma-separated values (RFC 4180): a field may be quoted with `"`, and `""` in it is a
 * quote. For the values of `--mount` and `--device`. Throws a {@link LineProblem}.
 */
export function splitCSV(line: string): readonly string[] {
  const fields: string[] = [];
  let rest = line;
  for (;;) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/.exec(rest);
    if (match === null) throw new LineProblem(`bare or unmatched " in ${JSON.stringify(line)}`);
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (!match[0].endsWith(",")) return fields;
    rest = rest.slice(match[0].length);
  }
}
