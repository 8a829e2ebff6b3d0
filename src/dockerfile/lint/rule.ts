import type { AstNode } from "../ast.ts";
import type { LintSubject } from "./subject.ts";

export interface Finding {
  /** The instruction; a comment `# check=skip=Rule` above it silences the rule there. */
  readonly at: Pick<AstNode, "location" | "comments">;
  readonly detail: string;
}

/** One build check (Docker documentation, "Build checks"). Pure. */
export interface LintRule {
  readonly name: string;
  readonly description: string;
  readonly url?: string;
  /** Off unless `experimental=` names it. */
  readonly experimental?: boolean;
  check(subject: LintSubject): Iterable<Finding>;
}

/** The page of a rule, by the last part of its address. */
export function rulePage(slug: string): string {
  return `https://docs.docker.com/go/dockerfile/rule/${slug}/`;
}
