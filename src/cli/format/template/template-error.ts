/** A template that cannot be read, or cannot be carried out, in the words of Go's text/template. */
export class TemplateError extends Error {
  /** False: the template was read, and failed on the document. */
  readonly isParseError: boolean;

  constructor(message: string, isParseError: boolean) {
    super(`template parsing error: template: ${message}`);
    this.name = "TemplateError";
    this.isParseError = isParseError;
  }
}
