import type { Dockerfile } from "../../dockerfile/dockerfile.ts";
import type { SourceLocation } from "../../dockerfile/source-location.ts";

/** `# NAME what it is for`, in the comment right above an instruction; undefined when none begins with the name. Pure. */
export function descriptionOf(
  name: string,
  { ast }: Dockerfile,
  location: SourceLocation,
): string | undefined {
  const node = ast.children.find((each) => each.location.startLine === location.startLine);
  if (node === undefined || node.commentLine !== location.startLine - 1) return undefined;
  const prefix = `${name.toLowerCase()} `;
  const comment = node.comments.findLast((each) => each.trimStart().toLowerCase().startsWith(prefix));
  return comment?.trimStart().slice(prefix.length).trim();
}
