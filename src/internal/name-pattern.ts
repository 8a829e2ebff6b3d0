/**
 * A pattern for repository names and tags: `*` is anything within one part of the path, `**` anything at all, `?` one
 * character; all else stands for itself. `team/*` is `team/app` and not `team/app/base`; `team/**` is both.
 */
export function compilePattern(pattern: string): (name: string) => boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll(/\*\*|\*|\?/g, (token) => (token === "**" ? ".*" : token === "*" ? "[^/]*" : "[^/]"));
  const expression = new RegExp(`^${source}$`);
  return (name) => expression.test(name);
}
