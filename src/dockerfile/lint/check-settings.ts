/** What `# check=skip=A,B;error=true;experimental=C` asks for (Dockerfile reference, "check"). */
export interface CheckSettings {
  /** Names of rules, or `all`. */
  readonly skip: ReadonlySet<string>;
  readonly experimental: ReadonlySet<string>;
  /** Findings fail the build. */
  readonly error: boolean;
}

/** Unknown options and empty parts say nothing. Names are compared without case. */
export function parseCheckSettings(text: string | undefined): CheckSettings {
  const values = new Map<string, string>();
  for (const part of (text ?? "").split(";")) {
    const equals = part.indexOf("=");
    if (equals !== -1) values.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  return {
    skip: names(values.get("skip")),
    experimental: names(values.get("experimental")),
    error: /^(1|t|true)$/i.test(values.get("error") ?? ""),
  };
}

/** Whether the rule is to be run. Naming an experimental rule is stronger than `skip=all`. */
export function isEnabled(
  rule: { readonly name: string; readonly experimental?: boolean },
  { skip, experimental }: CheckSettings,
): boolean {
  const name = rule.name.toLowerCase();
  if (skip.has(name)) return false;
  if (rule.experimental === true && experimental.has(name)) return true;
  if (rule.experimental === true && !experimental.has("all")) return false;
  return !skip.has("all");
}

/** Whether a comment above an instruction silences the rule there: `check=skip=Rule // why`. */
export function isSilenced(name: string, comments: readonly string[]): boolean {
  return comments.some((comment) => {
    const text = /^check\s*=(.*)$/i.exec(comment)?.[1];
    if (text === undefined) return false;
    const { skip } = parseCheckSettings(text);
    return skip.has("all") || skip.has(name.toLowerCase());
  });
}

/** What follows a name, such as a reason, is not part of it. */
function names(list: string | undefined): ReadonlySet<string> {
  const words = (list ?? "").split(",").map((each) => each.trim().split(/\s/)[0] ?? "");
  return new Set(words.filter((each) => each !== "").map((each) => each.toLowerCase()));
}
