import type { Expectation } from "./expectation.ts";

/** Networks and volumes. */
export const resources: Expectation[] = [
  { ask: "GET /networks/nope", status: 404, words: "network nope not found" },
  { ask: "DELETE /networks/nope", status: 404, words: "network nope not found" },
  {
    ask: "DELETE /networks/bridge",
    status: 403,
    words: "bridge is a pre-defined network and cannot be removed",
  },
  { ask: "DELETE /networks/net", status: 403, words: "has active endpoints" },
  {
    ask: "POST /networks/create",
    body: { Name: "bridge" },
    status: 403,
    words: "operation is not permitted on predefined bridge network",
  },
  {
    ask: "POST /networks/create",
    body: { Name: "net" },
    status: 409,
    words: "network with name net already exists",
  },
  { ask: "POST /networks/create", body: { Name: "" }, status: 400 },
  { ask: "POST /networks/create", body: { Name: "n", Driver: "nosuch" }, status: 404, words: "nosuch" },
  {
    ask: "POST /networks/create",
    body: { Name: "n", IPAM: { Config: [{ Subnet: "bad" }] } },
    status: 400,
    words: "invalid",
  },
  {
    ask: "POST /networks/nope/connect",
    body: { Container: "up" },
    status: 404,
    words: "network nope not found",
  },
  {
    ask: "POST /networks/net/connect",
    body: { Container: "nope" },
    status: 404,
    words: "No such container: nope",
  },
  {
    ask: "POST /networks/net/connect",
    body: { Container: "up" },
    status: 403,
    words: "endpoint with name up already exists in network net",
  },
  {
    ask: "POST /networks/net/disconnect",
    body: { Container: "made" },
    status: 403,
    words: "is not connected to network net",
  },
  { ask: "GET /networks?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "GET /volumes/nope", status: 404, words: "get nope: no such volume" },
  { ask: "DELETE /volumes/nope", status: 404, words: "get nope: no such volume" },
  { ask: "DELETE /volumes/nope?force=1", status: 204 },
  { ask: "DELETE /volumes/vol", status: 409, words: "volume is in use" },
  { ask: "POST /volumes/create", body: { Name: "other", Driver: "nosuch" }, status: 404, words: "nosuch" },
  {
    ask: "POST /volumes/create",
    body: { Name: "bad/name" },
    status: 400,
    words: "includes invalid characters for a local volume name",
  },
  { ask: "GET /volumes?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "POST /volumes/prune?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
];
