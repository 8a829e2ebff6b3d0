/** Members of a COPY, as a reader of the Dockerfile calls them. */
const members: Readonly<Record<string, string>> = {
  sources: "source",
  destination: "destination",
  chown: "--chown",
  chmod: "--chmod",
  excludes: "--exclude",
  url: "address",
};

/**
 * Why the operation of a step is another although its line is the same: what SHELL, WORKDIR and variables make of it.
 * Both are values of key parts of the kind `operation`. Pure. Never empty.
 */
export function operationCauses(name: string, was: string, is: string): string[] {
  if (name === "mkdir") return [`directory ${was} → ${is}`];
  const [before, after] = [parsed(was), parsed(is)];
  if (name === "run" && Array.isArray(before) && Array.isArray(after))
    return before.at(-1) === after.at(-1) && before.length > 1 && after.length > 1
      ? [`shell ${before.slice(0, -1).join(" ")} → ${after.slice(0, -1).join(" ")}`]
      : [textChanged];
  if (!isRecord(before) || !isRecord(after)) return [textChanged];
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const named = changed.flatMap((key) => {
    const label = members[key];
    return label === undefined ? [] : [`${label} ${shown(before[key])} → ${shown(after[key])}`];
  });
  return named.length > 0 && named.length === changed.length ? named : [textChanged];
}

export const textChanged = "step text changed";

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.join(" ");
  return value === undefined || value === "" ? "none" : String(value);
}
