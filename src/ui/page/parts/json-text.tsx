import { useMemo } from "preact/hooks";

/** A document as indented JSON with quiet colours; always text, never markup. */
export function JsonText({ value }: { readonly value: unknown }) {
  const parts = useMemo(() => jsonParts(JSON.stringify(value, undefined, 2) ?? ""), [value]);
  return (
    <pre class="json" tabIndex={0} aria-label="JSON document">
      {parts.map(({ kind, text }, at) =>
        kind === "" ? (
          text
        ) : (
          <span key={at} class={`json-${kind}`}>
            {text}
          </span>
        ),
      )}
    </pre>
  );
}

interface JsonPart {
  readonly kind: "" | "key" | "text" | "word";
  readonly text: string;
}

const token = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null|-?\d[\d.eE+-]*)\b/g;

/** Pure. */
export function jsonParts(json: string): JsonPart[] {
  const parts: JsonPart[] = [];
  let at = 0;
  for (const match of json.matchAll(token)) {
    if (match.index > at) parts.push({ kind: "", text: json.slice(at, match.index) });
    const [whole, quoted, colon] = match;
    if (quoted === undefined) parts.push({ kind: "word", text: whole });
    else if (colon === undefined) parts.push({ kind: "text", text: quoted });
    else parts.push({ kind: "key", text: quoted }, { kind: "", text: colon });
    at = match.index + whole.length;
  }
  parts.push({ kind: "", text: json.slice(at) });
  return parts;
}
