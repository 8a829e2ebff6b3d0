import { DockerfileError } from "../dockerfile/dockerfile-error.ts";
import { errorMessage, isCode, SlipwayError } from "../errors.ts";

/**
 * A build's failure in the words of Docker's classic builder, where it has words of its own. What the request names and
 * the context has not is a bad parameter: `POST /build` knows no 404.
 */
export function classicError(error: unknown): unknown {
  const message = errorMessage(error);
  if (error instanceof DockerfileError) {
    const where = error.reason === "file with no instructions" ? "failed to parse Dockerfile: " : "";
    return new SlipwayError(error.code, `${where}${error.reason}`, { cause: error });
  }
  const missing = /^failed to read dockerfile: open (.*?): no such file or directory/.exec(message)?.[1];
  if (missing !== undefined) return bad(`Cannot locate specified Dockerfile: ${missing}`, error);
  const target = /^target stage "(.*)" could not be found/.exec(message)?.[1];
  if (target !== undefined)
    return bad(`${message}: failed to reach build target ${target} in Dockerfile`, error);
  return isCode(error, "not_found") ? bad(message, error) : error;
}

function bad(message: string, cause: unknown): SlipwayError {
  return new SlipwayError("invalid_argument", message, { cause });
}
