import { parseDockerignore, readPatterns } from "../../src/dockerfile/dockerignore.ts";
import { answerOf, compared, type GoldenRunner } from "./outcome.ts";

interface Row {
  readonly dockerignore: string;
  readonly patterns?: readonly string[] | null;
  readonly paths: readonly string[];
  readonly excluded?: readonly boolean[];
  readonly error?: string;
}

/** dockerignore.json: which paths moby's matcher leaves out. */
export const dockerignore: GoldenRunner = (text) => {
  const rows = JSON.parse(text) as readonly Row[];
  return {
    "dockerignore.json": rows.map((row, index) => {
      const answer = answerOf(() => {
        const matcher = parseDockerignore(row.dockerignore);
        const excluded = row.paths.map((path) => matcher.ignores(path));
        return { patterns: readPatterns(row.dockerignore), excluded };
      });
      const wanted =
        row.error === undefined ? { patterns: row.patterns ?? [], excluded: row.excluded } : "error";
      return compared(`row ${index}`, wanted, "error" in answer ? "error" : answer.value);
    }),
  };
};
