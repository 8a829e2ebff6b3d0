import { dockerfiles } from "./dockerfiles.ts";
import { dockerignore } from "./dockerignore.ts";
import { goTemplateFormat } from "./go-template-format.ts";
import type { GoldenRunner } from "./outcome.ts";
import { references } from "./references.ts";
import { shellExpansion } from "./shell-expansion.ts";

/** Files of recorded answers, and what runs each. */
export const goldenSets: Readonly<Record<string, GoldenRunner>> = {
  "dockerfiles.jsonl": dockerfiles,
  "shell-expansion.json": shellExpansion,
  "dockerignore.json": dockerignore,
  "references.json": references,
  "go-template-format.json": goTemplateFormat,
};
