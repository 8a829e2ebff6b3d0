import { withoutTypes } from "../../src/cli/format/template/document.ts";
import { evaluateTemplate } from "../../src/cli/format/template/evaluate.ts";
import { dockerFunctions } from "../../src/cli/format/template/functions.ts";
import { parseTemplate } from "../../src/cli/format/template/parser.ts";
import { answerOf, compared, type GoldenRunner } from "./outcome.ts";

interface Golden {
  readonly data: unknown;
  readonly cases: readonly {
    readonly template: string;
    readonly output?: string;
    readonly parseError?: string;
    readonly execError?: string;
  }[];
}

/** go-template-format.json: `--format` templates on one inspect document, recorded without Go's types. */
export const goTemplateFormat: GoldenRunner = (text) => {
  const { data, cases } = JSON.parse(text) as Golden;
  return {
    "go-template-format.json": cases.map(({ template, output }) => {
      const answer = answerOf(() => untyped(template, data));
      return compared(template, output ?? "error", "error" in answer ? "error" : answer.value);
    }),
  };
};

function untyped(text: string, data: unknown): string {
  const template = parseTemplate(text, new Set(dockerFunctions.keys()));
  return evaluateTemplate(template, withoutTypes(data), { functions: dockerFunctions, untyped: true });
}
