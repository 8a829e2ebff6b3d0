import { errorCode, errorMessage, type ErrorCode } from "../../src/errors.ts";

/** What a promise fails with, as code and message; undefined when it does not. */
export async function failure(
  work: Promise<unknown>,
): Promise<{ code: ErrorCode; message: string } | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => ({ code: errorCode(error), message: errorMessage(error) }),
  );
}

/** The same for a stream of progress, read to its end. */
export async function streamFailure(lines: AsyncIterable<unknown>) {
  const drain = async () => {
    for await (const _line of lines);
  };
  return await failure(drain());
}
