import { errorCode, errorMessage, isCode } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import { errorStatus } from "./error-status.ts";
import type { HttpReply } from "./http/message.ts";
import { withZeroValues } from "./zero-values.ts";

const jsonType = { "Content-Type": "application/json" } as const;
const encoder = new TextEncoder();

/** A JSON document with Docker's trailing line break. */
export function json(value: unknown, status = 200): HttpReply {
  return { kind: "response", status, headers: jsonType, body: `${JSON.stringify(withZeroValues(value))}\n` };
}

export function empty(status: 200 | 201 | 204 = 204): HttpReply {
  return { kind: "response", status };
}

export function plain(text: string, headers: Record<string, string> = {}): HttpReply {
  return {
    kind: "response",
    status: 200,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
    body: text,
  };
}

export function bytes(body: ByteStream, contentType: string): HttpReply {
  return { kind: "response", status: 200, headers: { "Content-Type": contentType }, body };
}

/** Status and `{"message"}` of any thrown value. The code travels in a field of ours, so that no detail is lost. */
export function errorReply(error: unknown, status = errorStatus(errorCode(error))): HttpReply {
  const code = errorCode(error);
  const headers = { ...jsonType, "Slipway-Error-Code": code };
  if (isCode(error, "not_modified")) return { kind: "response", status: 304, headers };
  const body = `${JSON.stringify({ message: errorMessage(error) })}\n`;
  return { kind: "response", status, headers, body };
}

/**
 * Documents one a line, each sent when it comes. What fails before the first line is a plain error reply, so this
 * waits for that line unless `headAtOnce`; what fails later becomes the last line, made by `failure`.
 */
export async function jsonLines(
  documents: AsyncIterable<object>,
  options: { headAtOnce?: boolean; failure?: (error: unknown) => object } = {},
): Promise<HttpReply> {
  const iterator = documents[Symbol.asyncIterator]();
  const first = options.headAtOnce === true ? undefined : await iterator.next();
  return bytes(lines(first, iterator, options.failure ?? failureLine), jsonType["Content-Type"]);
}

/** No generator, so that `return()` reaches `iterator` also when nobody asked for a line. */
function lines(
  first: IteratorResult<object> | undefined,
  iterator: AsyncIterator<object>,
  failure: (error: unknown) => object,
): ByteStream {
  let ready = first;
  let failed = false;
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (failed) return { done: true, value: undefined };
    try {
      const step = ready ?? (await iterator.next());
      ready = undefined;
      return step.done === true
        ? { done: true, value: undefined }
        : { done: false, value: encode(step.value) };
    } catch (error) {
      failed = true;
      return { done: false, value: encode(failure(error)) };
    }
  };
  const stop = async () => {
    await iterator.return?.();
    return { done: true, value: undefined } as const;
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: stop }) };
}

function encode(document: object): Uint8Array {
  return encoder.encode(`${JSON.stringify(document)}\r\n`);
}

/** Docker's error line, with the code in a field of ours. */
export function failureLine(error: unknown): object {
  const message = errorMessage(error);
  return { errorDetail: { message }, error: message, slipwayCode: errorCode(error) };
}
