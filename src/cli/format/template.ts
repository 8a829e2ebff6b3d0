import { SlipwayError } from "../../errors.ts";

/** Renders a Go template on a document. Throws `invalid_argument`. */
export function renderTemplate(template: string, document: unknown): string {
  if (/^\{\{\s*json \.\s*\}\}$/.test(template)) return JSON.stringify(document);
  throw new SlipwayError("not_implemented", `Template "${template}" is not supported`);
}
