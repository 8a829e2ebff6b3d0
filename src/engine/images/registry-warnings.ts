import { onceEach } from "../../registry/client/warnings.ts";
import type { TransferProgress } from "../types/image.ts";

type Report = (line: TransferProgress) => void;

/**
 * What a registry wants its users to know, as lines of the progress, each once. They are held back until the first line
 * of the work itself: before that a failure is an answer with a status of its own.
 */
export function reportWarnings(report: Report): {
  readonly report: Report;
  readonly onWarning: (host: string, text: string) => void;
} {
  const held: string[] = [];
  let started = false;
  const warn = (line: string): void => {
    if (started) report({ status: `WARNING: ${line}` });
    else held.push(line);
  };
  return {
    onWarning: onceEach(warn),
    report: (line) => {
      started = true;
      report(line);
      for (const text of held.splice(0)) warn(text);
    },
  };
}
