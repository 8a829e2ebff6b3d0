const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const repository = new RegExp(`^${component}(?:/${component})*$`);
const tag = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const uploadId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** distribution-spec, "Pulling manifests": what `<name>` may be. Clients limit host and name to 255 together. */
export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && repository.test(text);
}

/** distribution-spec, "Pulling manifests": what `<reference>` may be as a tag. */
export function isTag(text: string): boolean {
  return tag.test(text);
}

/** An upload's session ID, as this registry makes them. */
export function isUploadId(text: string): boolean {
  return uploadId.test(text);
}
