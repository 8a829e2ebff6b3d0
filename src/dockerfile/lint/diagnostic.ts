import type { SourceLocation } from "../source-location.ts";

/** What a rule found. */
export interface Diagnostic {
  /** `FromAsCasing` */
  readonly rule: string;
  /** What the rule asks for, the same for each of its findings. */
  readonly description: string;
  /** A page about the rule. */
  readonly url?: string;
  /** What was found here. */
  readonly detail: string;
  readonly location: SourceLocation;
}
