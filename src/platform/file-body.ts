/**
 * A file, or a range of it, as a response body that the server sends with a `Content-Length` and without passing
 * through JavaScript. On Node, `fs.openAsBlob()` stands in.
 */

/** Bytes `start` (inclusive) to `end` (exclusive) of the file. It is opened when the body is sent. */
export function fileBody(path: string, start?: number, end?: number): Blob {
  const file = Bun.file(path, { type: "application/octet-stream" });
  return start === undefined ? file : file.slice(start, end, "application/octet-stream");
}
