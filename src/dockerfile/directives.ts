import { trimSpace } from "./go-space.ts";

/** The parser directives at the top of the file (Dockerfile reference, "Parser directives"). */
export interface Directives {
  readonly syntax?: string;
  /** `\` unless the file says otherwise. */
  readonly escape: string;
  readonly check?: string;
}

const directivePattern = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const names = ["syntax", "escape", "check"] as const;

/** Takes the lines of a file one by one until the first that is no directive. */
export class DirectiveReader {
  #found: { syntax?: string; escape: string; check?: string } = { escape: "\\" };
  readonly #seen = new Set<string>();
  #done = false;

  get directives(): Directives {
    return this.#found;
  }

  /** Whether the line is a directive. Returns the reason when it is one that cannot be. */
  take(line: string): { isDirective: boolean; problem?: string } {
    if (this.#done) return { isDirective: false };
    const [, spelled = "", value = ""] = directivePattern.exec(trimSpace(line)) ?? [];
    const name = names.find((each) => each === spelled.toLowerCase());
    if (name === undefined) {
      this.#done = true;
      return { isDirective: false };
    }
    if (this.#seen.has(name))
      return { isDirective: true, problem: `only one ${name} parser directive can be used` };
    this.#seen.add(name);
    if (name === "escape" && value !== "\\" && value !== "`")
      return { isDirective: true, problem: `invalid ESCAPE '${value}' does not match \` or \\` };
    this.#found = { ...this.#found, [name]: value };
    return { isDirective: true };
  }
}
