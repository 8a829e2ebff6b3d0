import type { AccessService } from "../../engine/access/access-service.ts";
import { readJson } from "../json-body.ts";
import { empty, json } from "../reply.ts";
import type { Route } from "../route.ts";
import { scopedSocket, tokenRequest } from "../schemas/access.ts";

/** Tokens and sockets that reach a part of the engine. Docker has no word for them. */
export function accessRoutes(access: AccessService): Route[] {
  return [
    {
      method: "GET",
      pattern: "/slipway/v1/tokens",
      handle: async ({ signal }) => json(await access.tokens({ signal })),
    },
    {
      method: "POST",
      pattern: "/slipway/v1/tokens",
      handle: async ({ request, signal }) =>
        json(await access.createToken(tokenRequest(await readJson(request), ""), { signal }), 201),
    },
    {
      method: "DELETE",
      pattern: "/slipway/v1/tokens/{id}",
      handle: async ({ params, signal }) => {
        await access.removeToken(params["id"] ?? "", { signal });
        return empty();
      },
    },
    {
      method: "GET",
      pattern: "/slipway/v1/sockets",
      handle: async ({ signal }) => json(await access.sockets({ signal })),
    },
    {
      method: "POST",
      pattern: "/slipway/v1/sockets",
      handle: async ({ request, signal }) => {
        await access.addSocket(scopedSocket(await readJson(request), ""), { signal });
        return empty(201);
      },
    },
    {
      method: "DELETE",
      pattern: "/slipway/v1/sockets",
      handle: async ({ query, signal }) => {
        await access.removeSocket(query.text("path") ?? "", { signal });
        return empty();
      },
    },
  ];
}
