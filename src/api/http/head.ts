import { SlipwayError } from "../../errors.ts";

/** The head of a request as it stood on the wire, checked (RFC 9112 sections 3, 5 and 6). */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: ReadonlyMap<string, string>;
  /** HTTP/1.0 clients get no chunked body and no keep-alive by default. */
  readonly minorVersion: 0 | 1;
  readonly framing: { readonly kind: "length"; readonly length: number } | { readonly kind: "chunked" };
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
  /** Value of `Upgrade` when `Connection` names it too. */
  readonly upgrade: string | undefined;
}

export const MAX_HEAD_BYTES = 64 * 1024;
const MAX_HEADER_COUNT = 200;
const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}) (\S+) HTTP\/1\.([01])$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/s;
// oxlint-disable-next-line no-control-regex -- control characters are exactly what must not pass
const controls = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Parses a request head without its final empty line. Strict: obsolete folding, control characters, repeated or
 * conflicting framing are `invalid_argument`, since a proxy in front may read them otherwise.
 */
export function parseHead(text: string): RequestHead {
  const [first = "", ...lines] = text.split("\r\n");
  const match = requestLine.exec(first);
  if (match === null || controls.test(first)) throw malformed("malformed request line");
  const headers = parseHeaders(lines);
  const minorVersion = match[3] === "0" ? 0 : 1;
  const connection = tokens(headers.get("connection"));
  if (minorVersion === 1 && !headers.has("host")) throw malformed("missing Host header");
  return {
    method: match[1] ?? "",
    ...splitTarget(match[2] ?? ""),
    headers,
    minorVersion,
    framing: framing(headers, minorVersion),
    keepAlive: minorVersion === 1 ? !connection.includes("close") : connection.includes("keep-alive"),
    expectsContinue: expectation(headers.get("expect")),
    upgrade: connection.includes("upgrade") ? headers.get("upgrade") : undefined,
  };
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  if (lines.length > MAX_HEADER_COUNT) throw malformed("too many header fields");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = headerLine.exec(line);
    if (match === null || controls.test(line)) throw malformed("malformed header field");
    const name = (match[1] ?? "").toLowerCase();
    const before = headers.get(name);
    if (before !== undefined && (name === "host" || name === "content-length")) {
      throw malformed(`repeated header "${name}"`);
    }
    headers.set(name, before === undefined ? (match[2] ?? "") : `${before}, ${match[2] ?? ""}`);
  }
  return headers;
}

function splitTarget(target: string): { path: string; query: string } {
  const local = target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?#]*/i, "");
  if (!local.startsWith("/")) throw malformed("unsupported request target");
  const [whole = ""] = local.split("#");
  const mark = whole.indexOf("?");
  return mark < 0 ? { path: whole, query: "" } : { path: whole.slice(0, mark), query: whole.slice(mark + 1) };
}

function framing(headers: ReadonlyMap<string, string>, minorVersion: number): RequestHead["framing"] {
  const length = headers.get("content-length");
  const encoding = headers.get("transfer-encoding");
  if (encoding !== undefined) {
    if (length !== undefined) throw malformed("both Content-Length and Transfer-Encoding");
    if (minorVersion === 0) throw malformed("Transfer-Encoding in HTTP/1.0");
    if (encoding.toLowerCase() !== "chunked") throw malformed("unsupported Transfer-Encoding");
    return { kind: "chunked" };
  }
  if (length === undefined) return { kind: "length", length: 0 };
  if (!/^\d{1,15}$/.test(length)) throw malformed("malformed Content-Length");
  return { kind: "length", length: Number(length) };
}

function expectation(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value.toLowerCase() !== "100-continue") throw malformed("unsupported Expect header");
  return true;
}

function tokens(value: string | undefined): string[] {
  return (value ?? "")
    .toLowerCase()
    .split(",")
    .map((token) => token.trim());
}

function malformed(what: string): SlipwayError {
  return new SlipwayError("invalid_argument", `Bad request: ${what}`);
}
