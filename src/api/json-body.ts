import { SlipwayError } from "../errors.ts";
import { bodyWithin } from "./body-within.ts";
import type { HttpRequest } from "./http/message.ts";
import { jsonSyntaxError } from "./json-syntax.ts";

const maxBytes = 4 * 1024 * 1024;
const maxDepth = 64;

/**
 * Reads a JSON body of at most 4 MiB, nested at most 64 deep, that is said to be JSON and comes within a minute
 * (`timeoutMs`). An empty body is undefined.
 * Throws `invalid_argument`, with a client that goes away `cancelled`.
 */
export async function readJson(
  { headers, body }: Pick<HttpRequest, "headers" | "body">,
  timeoutMs?: number,
): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of bodyWithin(body, timeoutMs)) {
    size += part.length;
    if (size > maxBytes)
      throw new SlipwayError("invalid_argument", "Request body too large: more than 4 MiB of JSON");
    parts.push(part);
  }
  checkType(headers.get("content-type") ?? "", size);
  return parseJson(Buffer.concat(parts).toString("utf8"));
}

/** As Docker: what is no JSON by its own word is refused, lest a form post from a browser does anything. */
function checkType(field: string, size: number): void {
  const type = (field.split(";", 1)[0] ?? "").trim().toLowerCase();
  if (type === "application/json" || (type === "" && size === 0)) return;
  const message =
    type === ""
      ? "malformed Content-Type header (): mime: no media type"
      : `unsupported Content-Type header (${field}): must be 'application/json'`;
  throw new SlipwayError("invalid_argument", message);
}

/** Throws `invalid_argument` when the text is no JSON or nests too deep. Blank text is undefined. */
export function parseJson(text: string): unknown {
  if (text.trim() === "") return undefined;
  if (depth(text) > maxDepth)
    throw new SlipwayError("invalid_argument", `invalid JSON: nested more than ${maxDepth} deep`);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = jsonSyntaxError(text) ?? "invalid JSON: the body does not parse";
    throw new SlipwayError("invalid_argument", why, { cause });
  }
}

/** Found before parsing, since parsers recurse. */
function depth(text: string): number {
  let [now, most, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) quoted = !quoted;
    else if (quoted) at += code === 0x5c ? 1 : 0;
    else if (code === 0x7b || code === 0x5b) most = Math.max(most, ++now);
    else if (code === 0x7d || code === 0x5d) now--;
  }
  return most;
}
