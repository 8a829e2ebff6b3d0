/**
 * Bun listens with 512 whatever backlog it is given; listen(2) again on the same socket sets it. On Node, which does as it
 * is told, nothing stands in.
 */
import type { Server } from "node:net";
import { libc } from "./libc.ts";

const c = libc({ listen: { args: ["i32", "i32"], returns: "i32" } });

/** Lets so many connections wait to be accepted, at most the system's somaxconn. For a server that listens. */
export function setBacklog(server: Server, backlog: number): void {
  const { _handle: handle } = server as Server & { _handle?: { fd?: unknown } | null };
  if (typeof handle?.fd === "number" && handle.fd >= 0) c.listen(handle.fd, backlog);
}
