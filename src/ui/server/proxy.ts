import { errorMessage } from "../../errors.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import { unixFetch } from "../../platform/unix-fetch.ts";
import { engineHeaders, type EngineLine } from "./engine-line.ts";
import type { LoginHeaders } from "./login-headers.ts";

const passedOn = ["content-type", "x-registry-auth", "x-registry-config"];
const passedBack = ["content-type", "slipway-error-code", "x-docker-container-path-stat"];

/**
 * Passes a request below `/api` on to the engine and its answer back, streaming both ways; a browser that leaves ends
 * the engine's work too. The answer can never be a document of the page: it is sandboxed. 502: no engine answers.
 */
export async function passOn(request: Request, engine: EngineLine, logins: LoginHeaders): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.slice("/api".length) + url.search;
  try {
    const answer = await unixFetch(engine.address, {
      method: request.method,
      path,
      headers: { ...engineHeaders(engine), ...chosen(request.headers, passedOn), ...(await logins(request)) },
      body: (request.body ?? undefined) as ByteStream | undefined,
      signal: request.signal,
    });
    const headers = {
      ...chosen(answer.headers, passedBack),
      "Content-Security-Policy": "default-src 'none'; sandbox",
    };
    if (request.method === "HEAD" || [204, 304].includes(answer.status))
      return new Response(null, { status: answer.status, headers });
    return new Response(streamOf(answer.body), { status: answer.status, headers });
  } catch (error) {
    if (request.signal.aborted) return new Response(null, { status: 499 });
    return Response.json(
      { message: `The engine does not answer: ${errorMessage(error)}` },
      { status: 502, headers: { "Slipway-Error-Code": "engine_away" } },
    );
  }
}

function chosen(
  headers: { get(name: string): string | null },
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}

/** An engine that dies in the middle of an answer breaks the connection, so that nobody takes a part for the whole. */
function streamOf(body: ByteStream): ReadableStream<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const step = await iterator.next();
      if (step.done === true) controller.close();
      else controller.enqueue(step.value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}
