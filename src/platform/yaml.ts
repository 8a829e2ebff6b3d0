/** YAML 1.2, of which JSON is a part, over Bun's parser. On Node the `yaml` package stands in. */

/** The value of a YAML or JSON document. Throws a `SyntaxError`. */
export function parseYaml(text: string): unknown {
  return Bun.YAML.parse(text);
}
