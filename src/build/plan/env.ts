/** Environment variables in the order they were first set, as an image config lists them. */
export type Env = ReadonlyMap<string, string>;

/** `KEY=value` lines. A line without `=` is a variable with an empty value. */
export function parseEnv(lines: readonly string[]): Map<string, string> {
  const env = new Map<string, string>();
  for (const line of lines) {
    const equals = line.indexOf("=");
    if (equals < 0) env.set(line, "");
    else env.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return env;
}

export function formatEnv(env: Env): string[] {
  return [...env].map(([key, value]) => `${key}=${value}`);
}
