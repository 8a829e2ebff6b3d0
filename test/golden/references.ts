import {
  canonicalString,
  familiarName,
  familiarString,
  parseAnyReference,
  parseReference,
  withDefaultTag,
} from "../../src/oci/reference.ts";
import { splitReference } from "../../src/oci/reference-grammar.ts";
import { answerOf, compared, type GoldenRunner } from "./outcome.ts";

interface Row {
  readonly input: string;
  /** Taken as it is spelled, without Docker's defaults. */
  readonly parse?: string;
  readonly normalized?: Readonly<Record<string, string>>;
  readonly any?: string;
}

/** references.json: what distribution/reference makes of strings. */
export const references: GoldenRunner = (text) => {
  const rows = JSON.parse(text) as readonly Row[];
  return { "references.json": rows.map((row) => compared(row.input, wanted(row), got(row.input))) };
};

function wanted({ parse, any, normalized }: Row): unknown {
  const { domain, path, string, familiar, familiarName: name, tagNameOnly } = normalized ?? {};
  return { parses: parse !== undefined, any, domain, path, string, familiar, name, tagNameOnly };
}

function got(input: string): unknown {
  const any = answerOf(() => {
    const parsed = parseAnyReference(input);
    return "digest" in parsed ? parsed.digest : canonicalString(parsed.reference);
  });
  const shown = {
    parses: "value" in answerOf(() => splitReference(input)),
    any: "value" in any ? any.value : undefined,
  };
  const parsed = answerOf(() => parseReference(input));
  if ("error" in parsed) return shown;
  const reference = parsed.value;
  return {
    ...shown,
    domain: reference.domain,
    path: reference.path,
    string: canonicalString(reference),
    familiar: familiarString(reference),
    name: familiarName(reference),
    tagNameOnly: canonicalString(withDefaultTag(reference)),
  };
}
