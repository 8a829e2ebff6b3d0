/**
 * What is wrong with a text that is no JSON, in the words of Go's decoder, which clients and their tests know:
 * `invalid character 'i' looking for beginning of object key string`. Also for text after a whole document
 * (`unexpected content after JSON`). Undefined when nothing is wrong.
 */
export function jsonSyntaxError(text: string): string | undefined {
  try {
    const end = space(text, value(text, space(text, 0)));
    return end < text.length ? "unexpected content after JSON" : undefined;
  } catch (error) {
    if (error instanceof Fault) return `invalid JSON: ${error.message}`;
    throw error;
  }
}

class Fault extends Error {}

function fault(text: string, at: number, context: string): Fault {
  if (at >= text.length) return new Fault("unexpected EOF");
  const shown = JSON.stringify(text[at]).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return new Fault(`invalid character '${shown}' ${context}`);
}

function space(text: string, at: number): number {
  let next = at;
  while (next < text.length && " \t\r\n".includes(text[next] ?? "x")) next++;
  return next;
}

/** Each of these takes the place where its part begins, and returns the one behind it. Depth was limited before. */
function value(text: string, at: number): number {
  const first = text[at] ?? "";
  if (first === "{") return members(text, at);
  if (first === "[") return elements(text, at);
  if (first === '"') return string(text, at);
  if (first === "t") return literal(text, at, "true");
  if (first === "f") return literal(text, at, "false");
  if (first === "n") return literal(text, at, "null");
  return number(text, at);
}

function members(text: string, start: number): number {
  let at = space(text, start + 1);
  if (text[at] === "}") return at + 1;
  for (;;) {
    if (text[at] !== '"') throw fault(text, at, "looking for beginning of object key string");
    at = space(text, string(text, at));
    if (text[at] !== ":") throw fault(text, at, "after object key");
    at = space(text, value(text, space(text, at + 1)));
    if (text[at] === "}") return at + 1;
    if (text[at] !== ",") throw fault(text, at, "after object key:value pair");
    at = space(text, at + 1);
  }
}

function elements(text: string, start: number): number {
  let at = space(text, start + 1);
  if (text[at] === "]") return at + 1;
  for (;;) {
    at = space(text, value(text, at));
    if (text[at] === "]") return at + 1;
    if (text[at] !== ",") throw fault(text, at, "after array element");
    at = space(text, at + 1);
  }
}

function string(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === '"') return at + 1;
    if (char < " ") throw fault(text, at, "in string literal");
    if (char === "\\") at += escapeLength(text, at + 1);
  }
  throw fault(text, text.length, "");
}

function escapeLength(text: string, at: number): number {
  if (text[at] !== "u") {
    if (!'"\\/bfnrt'.includes(text[at] ?? "x")) throw fault(text, at, "in string escape code");
    return 1;
  }
  for (let digit = at + 1; digit <= at + 4; digit++) {
    if (!/[\da-fA-F]/.test(text[digit] ?? ""))
      throw fault(text, digit, "in \\u hexadecimal character escape");
  }
  return 5;
}

function literal(text: string, start: number, word: string): number {
  for (let at = 1; at < word.length; at++) {
    const wanted = `in literal ${word} (expecting '${word[at]}')`;
    if (text[start + at] !== word[at]) throw fault(text, start + at, wanted);
  }
  return start + word.length;
}

function number(text: string, at: number): number {
  const match = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/.exec(text.slice(at, at + 400));
  if (match === null) throw fault(text, at, "looking for beginning of value");
  return at + match[0].length;
}
