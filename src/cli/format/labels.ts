type Labels = Readonly<Record<string, string>> | null | undefined;

/** `cpu=6,storage=ssd`, sorted. Pure. */
export function labelText(labels: Labels): string {
  return Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(",");
}

/** The methods of a row with labels: `{{.Label "cpu"}}`. */
export function labelMethods(labels: Labels): { Label: (name: unknown) => string } {
  return { Label: (name) => labels?.[String(name)] ?? "" };
}
