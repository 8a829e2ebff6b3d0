import { expandWords } from "../../src/dockerfile/expand-word.ts";
import { answerOf, compared, type GoldenRunner } from "./outcome.ts";

interface Case {
  readonly word: string;
  readonly escape: string;
  readonly result?: string;
  readonly unmatched?: readonly string[];
  readonly error?: string;
}

/** shell-expansion.json: what BuildKit's lexer makes of words in one environment. */
export const shellExpansion: GoldenRunner = (text) => {
  const { env, cases } = JSON.parse(text) as { env: Record<string, string>; cases: readonly Case[] };
  return {
    "shell-expansion.json": cases.map((row) => {
      const answer = answerOf(() => expandWords(row.word, (name) => env[name], { escape: row.escape }));
      const got =
        "error" in answer
          ? "error"
          : { result: answer.value.text, unmatched: [...answer.value.unmatched].toSorted() };
      const wanted =
        row.error === undefined
          ? { result: row.result, unmatched: (row.unmatched ?? []).toSorted() }
          : "error";
      return compared(row.word, wanted, got);
    }),
  };
};
