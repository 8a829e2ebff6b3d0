import { SlipwayError } from "../errors.ts";
import type { SourceLocation } from "./source-location.ts";

/**
 * A Dockerfile that cannot be built, with the lines to look at. The message starts with the place:
 * `Dockerfile:3: no build stage in current context`. `reason` is the message without it; that of an instruction that
 * cannot be read is Docker's `dockerfile parse error on line 3: unknown instruction: FOO`.
 */
export class DockerfileError extends SlipwayError {
  readonly location: SourceLocation;
  readonly reason: string;

  constructor(reason: string, location: SourceLocation, options?: { cause?: unknown }) {
    super("invalid_argument", `${location.file ?? "Dockerfile"}:${location.startLine}: ${reason}`, options);
    this.name = "DockerfileError";
    this.location = location;
    this.reason = reason;
  }
}
