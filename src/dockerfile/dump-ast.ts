import type { AstNode } from "./ast.ts";

/** The syntax tree as one s-expression a line, in BuildKit's form: `(run "echo" "test")`. For tests and debugging. */
export function dumpAst(root: AstNode): string {
  return root.children.map((child) => `(${dumpNode(child)})`).join("\n");
}

function dumpNode(node: AstNode): string {
  const flags = node.flags.length === 0 ? "" : ` [${node.flags.map(quote).join(" ")}]`;
  let text =
    node.value.toLowerCase() + flags + node.children.map((child) => `(${dumpNode(child)})`).join("\n");
  for (let next = node.next; next !== undefined; next = next.next)
    text += ` ${next.children.length > 0 ? dumpNode(next) : quote(next.value)}`;
  return text.trim();
}

const named: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/** Go's `strconv.Quote`. */
function quote(text: string): string {
  let result = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (named[char] !== undefined) result += named[char];
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) result += char;
    else if (code < 0x80) result += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code < 0x10000) result += `\\u${code.toString(16).padStart(4, "0")}`;
    else result += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return `"${result}"`;
}
