import { errorCode, errorMessage, SlipwayError, type ErrorCode } from "../../errors.ts";
import { familiarName, repositoryName, type Reference } from "../../oci/reference.ts";
import { ResponseError } from "./response-error.ts";

/** Whether the registry said that the thing is not there. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ResponseError && error.status === 404;
}

/**
 * What a failed read is told as. A registry that hides what one may not see answers 401 or 403 where others answer
 * 404, so Docker words that as one, and so does this: `not_found`.
 */
export function pullError(reference: Reference, ref: string | undefined, error: unknown): unknown {
  if (!mayWrap(error)) return error;
  if (isRefusal(error)) {
    const name = familiarName(reference);
    const hint = `pull access denied for ${name}, repository does not exist or may require 'docker login'`;
    return new SlipwayError("not_found", `${hint}: ${errorMessage(error)}`, { cause: error });
  }
  return wrap("pull", reference, ref, error);
}

/** What a failed write is told as. */
export function pushError(reference: Reference, ref: string, error: unknown): unknown {
  return mayWrap(error) ? wrap("push", reference, ref, error) : error;
}

function wrap(verb: string, reference: Reference, ref: string | undefined, error: unknown): SlipwayError {
  const suffix = ref === undefined ? "" : ref.includes(":") ? `@${ref}` : `:${ref}`;
  const message = `Cannot ${verb} "${repositoryName(reference)}${suffix}": ${errorMessage(error)}`;
  return new SlipwayError(errorCode(error) as ErrorCode, message, { cause: error });
}

/** A cancelled call is no failure of the registry; a bug of ours keeps its own words. */
function mayWrap(error: unknown): boolean {
  return error instanceof SlipwayError && error.code !== "cancelled";
}

function isRefusal(error: unknown): boolean {
  const code = errorCode(error);
  return code === "unauthorized" || code === "forbidden";
}
