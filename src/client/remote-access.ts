import type { AccessService } from "../engine/access/access-service.ts";
import { pathOf, type Wire } from "./wire.ts";

/** Tokens and sockets of an engine behind a socket. */
export function remoteAccess(wire: Wire): AccessService {
  const [tokens, sockets] = ["/slipway/v1/tokens", "/slipway/v1/sockets"];
  return {
    createToken: (request, o) => wire.json("POST", tokens, { json: request, signal: o?.signal }),
    tokens: (o) => wire.json("GET", tokens, { signal: o?.signal }),
    removeToken: (id, o) => wire.done("DELETE", `${tokens}/${pathOf(id)}`, { signal: o?.signal }),
    addSocket: (socket, o) => wire.done("POST", sockets, { json: socket, signal: o?.signal }),
    sockets: (o) => wire.json("GET", sockets, { signal: o?.signal }),
    removeSocket: (path, o) => wire.done("DELETE", sockets, { query: { path }, signal: o?.signal }),
  };
}
