/** `5432` is `5432/tcp`. */
export function portKey(port: number | string): string {
  const text = String(port);
  return text.includes("/") ? text : `${text}/tcp`;
}
