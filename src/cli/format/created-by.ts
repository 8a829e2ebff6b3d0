/** The line of a Dockerfile out of a history entry: without what builders put around it. One line. Pure. */
export function createdByText(createdBy: string): string {
  const text = createdBy
    .replace(/^\/bin\/sh -c #\(nop\) +/, "")
    .replace(/^(RUN )?\/bin\/sh -c +/, "RUN ")
    .replace(/ # buildkit$/, "")
    .replace(/\s+/g, " ")
    .trim();
  return text === "" ? "<missing>" : text;
}
