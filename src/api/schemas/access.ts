import type { ScopedSocket, TokenRequest } from "../../engine/access/access-service.ts";
import { integer, listOf, objectWith, text, type Check } from "../schema.ts";

const token = objectWith(["allow"], {
  allow: listOf(text),
  labels: listOf(text),
  name: text,
  lifetime: integer,
});

/** Body of `POST /slipway/v1/tokens`. */
export const tokenRequest: Check<TokenRequest> = (value, at) => ({ labels: [], ...token(value, at) });

const socket = objectWith(["path", "allow"], {
  path: text,
  allow: listOf(text),
  labels: listOf(text),
  mode: integer,
  group: integer,
});

/** Body of `POST /slipway/v1/sockets`. */
export const scopedSocket: Check<ScopedSocket> = (value, at) => ({
  labels: [],
  mode: 0o660,
  ...socket(value, at),
});
