import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";

const maxLine = 16 * 1024 * 1024;

/** Documents of a stream with one a line. Blank lines are skipped. Throws `internal` for what is no JSON. */
export async function* jsonDocuments(body: ByteStream): AsyncGenerator<Record<string, unknown>> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of body) {
    held += decoder.decode(chunk, { stream: true });
    const lines = held.split("\n");
    held = lines.pop() ?? "";
    if (held.length > maxLine) throw new SlipwayError("internal", "The engine sent a line above 16 MiB");
    for (const line of lines) if (line.trim() !== "") yield parse(line);
  }
  if (held.trim() !== "") yield parse(held);
}

function parse(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to the same complaint.
  }
  throw new SlipwayError("internal", `The engine sent no JSON: ${line.slice(0, 200)}`);
}
