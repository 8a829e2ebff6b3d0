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
    words: "is not connected to the network net",
  },
  {
    ask: "POST /networks/net/disconnect",
    body: { Container: "gone", Force: true },
    status: 404,
    words: "endpoint gone not found",
  },
  {
    ask: "POST /networks/none/connect",
    body: { Container: "up" },
    status: 400,
    words:
      "container cannot be connected to multiple networks with one of the networks in private (none) mode",
  },
  {
    ask: "POST /volumes/create",
    body: { Name: "other", DriverOpts: { bad: "" } },
    status: 400,
    words: 'create other: invalid option: "bad"',
  },
  { ask: "GET /networks/net?scope=swarm", status: 404, words: "network net not found" },
  { ask: "GET /networks/net?scope=local", status: 200 },
  {
    ask: "POST /networks/host/connect",
    body: { Container: "up" },
    status: 400,
    words: "container cannot be disconnected from host network or connected to host network",
  },
  ...(
    [
      ["10.9.0.5/24", undefined, "invalid subnet 10.9.0.5/24: it should be 10.9.0.0/24"],
      ["10.9.0.0/24", "10.8.0.1", "no matching subnet for gateway 10.8.0.1"],
      ["10.9.0.0/33", undefined, "invalid subnet 10.9.0.0/33: invalid CIDR block notation"],
      ["bad", undefined, "invalid subnet bad: invalid CIDR block notation"],
    ] as const
  ).map(([Subnet, Gateway, words]) => ({
    ask: "POST /networks/create",
    body: { Name: "n", IPAM: { Config: [{ Subnet, Gateway }] } },
    status: 400,
    words,
  })),
  { ask: "GET /networks?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "GET /volumes/nope", status: 404, words: "get nope: no such volume" },
  { ask: "DELETE /volumes/nope", status: 404, words: "get nope: no such volume" },
  { ask: "DELETE /volumes/nope?force=1", status: 204 },
  { ask: "DELETE /volumes/vol", status: 409, words: "volume is in use" },
  {
    ask: "POST /volumes/create",
    body: { Name: "other", Driver: "nosuch" },
    status: 404,
    words: 'create other: error looking up volume plugin nosuch: plugin "nosuch" not found',
  },
  {
    ask: "POST /volumes/create",
    body: { Name: "bad/name" },
    status: 400,
    words: "includes invalid characters for a local volume name",
  },
  { ask: "GET /volumes?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "POST /volumes/prune?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
];
