import { withoutTypes, withTypes } from "./template/document.ts";
import { evaluateTemplate } from "./template/evaluate.ts";
import { dockerFunctions, headerFunctions } from "./template/functions.ts";
import { parseTemplate } from "./template/parser.ts";
import { TemplateError } from "./template/template-error.ts";

/**
 * A Go template (text/template and Docker's functions), read once. Documents are plain: objects count as structs,
 * Maps as maps. `isHeader`: it is carried out on the headers of a table. Throws {@link TemplateError}.
 */
export function compileTemplate(
  text: string,
  { isHeader = false }: { isHeader?: boolean } = {},
): (document: unknown) => string {
  const functions = isHeader ? headerFunctions : dockerFunctions;
  const template = parseTemplate(text, new Set(functions.keys()));
  return (document) => evaluateTemplate(template, document, { functions, untyped: false });
}

/**
 * A Go template for documents of the API, as `inspect` takes it: carried out as Go's types have the document, and, when
 * that fails, as if it had none. Throws {@link TemplateError}, as what it returns does.
 */
export function parseInspectFormat(text: string): (document: unknown) => string {
  const template = parseTemplate(text, new Set(dockerFunctions.keys()));
  const options = { functions: dockerFunctions, untyped: false };
  return (document) => {
    try {
      return evaluateTemplate(template, withTypes(document), options);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      return evaluateTemplate(template, withoutTypes(document), { ...options, untyped: true });
    }
  };
}

/** One document by {@link parseInspectFormat}. */
export function renderTemplate(text: string, document: unknown): string {
  return parseInspectFormat(text)(document);
}
