/** Lines of a Dockerfile, counted from 1, both ends included. `file` is the name the text was parsed under. */
export interface SourceLocation {
  readonly file?: string;
  readonly startLine: number;
  readonly endLine: number;
}
