import { printable } from "./response-error.ts";

/** All warnings of an answer together may be no longer than this (distribution-spec, "Warnings"). */
const most = 4096;

/** The texts of `Warning` headers, several joined by commas as HTTP has them: only those of the code 299, without a date. */
export function parseWarnings(header: string | null): string[] {
  if (header === null) return [];
  const found = header.slice(0, most).matchAll(/(?:^|,)\s*299 - "((?:[^"\\]|\\.)*)"(?=\s*(?:,|$))/g);
  return [...found].map(([, text = ""]) => printable(text.replaceAll(/\\(.)/g, "$1"))).filter(Boolean);
}

/** Passes each warning on once. */
export function onceEach(tell: (text: string) => void): (host: string, text: string) => void {
  const told = new Set<string>();
  return (host, text) => {
    const line = `${host} says: ${text}`;
    if (told.has(line)) return;
    told.add(line);
    tell(line);
  };
}
