import { posix } from "node:path";

/** Go's `path.Clean`: as `posix.normalize`, without a slash at the end. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith("/") ? normal.slice(0, -1) : normal;
}

/** Go's `path.Dir`: what stands before the last slash, cleaned; `.` when there is none. */
export function parentPath(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf("/") + 1));
}
