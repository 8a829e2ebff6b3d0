import type { AstNode } from "./ast.ts";
import { goQuote } from "./go-quote.ts";

/** The syntax tree as one s-expression a line, in BuildKit's form: `(run "echo" "test")`. For tests and debugging. */
export function dumpAst(root: AstNode): string {
  return root.children.map((child) => `(${dumpNode(child)})`).join("\n");
}

function dumpNode(node: AstNode): string {
  const flags = node.flags.length === 0 ? "" : ` [${node.flags.map(goQuote).join(" ")}]`;
  let text =
    node.value.toLowerCase() + flags + node.children.map((child) => `(${dumpNode(child)})`).join("\n");
  for (let next = node.next; next !== undefined; next = next.next)
    text += ` ${next.children.length > 0 ? dumpNode(next) : goQuote(next.value)}`;
  return text.trim();
}
