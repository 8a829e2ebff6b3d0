import { goQuote } from "../../dockerfile/go-quote.ts";

/** A list of strings as Go's `%q`, which BuildKit's history lines have: `["a" "b"]`. */
export function goQuoteList(list: readonly string[]): string {
  return `[${list.map(goQuote).join(" ")}]`;
}

/** A list of strings, as Go's `%v`: `[a b]`. */
export function goList(list: readonly string[]): string {
  return `[${list.join(" ")}]`;
}
