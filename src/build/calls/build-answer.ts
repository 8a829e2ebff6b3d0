import type { DryRunDocument } from "./dry-run-document.ts";
import type { SourceLocation } from "../../dockerfile/source-location.ts";

/** What a build may be asked for instead of an image (Docker documentation, "docker buildx build", `--call`). */
export type BuildCall = TextCall | "dry-run";

/** What the text alone can answer. */
export type TextCall = "check" | "outline" | "targets";

/** Lines of a file, in the shape of BuildKit's `pb.Location`. */
export interface AnswerLocation {
  readonly sourceIndex?: number;
  readonly ranges: readonly {
    readonly start: { readonly line: number };
    readonly end: { readonly line: number };
  }[];
}

/** A file the answer is about; `data` is its text in base64. */
export interface AnswerSource {
  readonly filename: string;
  readonly data: string;
}

/** What the build checks found, in BuildKit's fields. */
export interface CheckDocument {
  readonly warnings: readonly {
    readonly ruleName: string;
    readonly description: string;
    readonly url?: string;
    readonly detail: string;
    readonly location: AnswerLocation;
  }[];
  readonly sources: readonly AnswerSource[];
  /** Why the build would fail. */
  readonly buildError?: { readonly message: string; readonly location?: AnswerLocation };
}

interface Named {
  readonly name: string;
  readonly location: AnswerLocation;
}

/** What a target can be given: build arguments with their values, secrets, SSH agents, caches. */
export interface OutlineDocument {
  readonly name: string;
  readonly description?: string;
  readonly args?: readonly (Named & { readonly description?: string; readonly value?: string })[];
  readonly secrets?: readonly (Named & { readonly required?: boolean })[];
  readonly ssh?: readonly (Named & { readonly required?: boolean })[];
  readonly cache?: readonly { readonly ID: string }[];
  readonly sources: readonly string[];
}

/** The stages of a Dockerfile. */
export interface TargetsDocument {
  readonly targets: readonly {
    readonly name?: string;
    readonly default?: boolean;
    readonly description?: string;
    readonly base?: string;
    readonly platform?: string;
    readonly location: AnswerLocation;
  }[];
  readonly sources: readonly string[];
}

export type BuildAnswer =
  | { readonly call: "check"; readonly document: CheckDocument }
  | { readonly call: "outline"; readonly document: OutlineDocument }
  | { readonly call: "targets"; readonly document: TargetsDocument }
  | { readonly call: "dry-run"; readonly document: DryRunDocument };

export function answerLocation({ startLine, endLine }: SourceLocation): AnswerLocation {
  return { ranges: [{ start: { line: startLine }, end: { line: endLine } }] };
}
