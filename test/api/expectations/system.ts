import type { Expectation } from "./expectation.ts";

export const system: Expectation[] = [
  {
    ask: "GET /events?since=2&until=1",
    status: 400,
    words: "`since` time (2) cannot be after `until` time (1)",
  },
  { ask: "GET /system/df?type=nope", status: 400, words: "unknown object type: nope" },
  { ask: "GET /networks/", status: 200, words: '"Name":"bridge"' },
  { ask: "GET /v1.41/networks/", status: 200, words: '"Name":"bridge"' },
  { ask: "GET /notfound", status: 404, words: "page not found" },
  { ask: "PATCH /containers/json", status: 404, words: "page not found" },
  { ask: "OPTIONS /", status: 200 },
  {
    ask: "GET /v1.23/version",
    status: 400,
    words:
      "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version",
  },
  {
    ask: "GET /v1.99/version",
    status: 400,
    words: "client version 1.99 is too new. Maximum supported API version is 1.50",
  },
  { ask: "GET /plugins", status: 200, words: "[]" },
  { ask: "GET /plugins/nope/json", status: 404, words: 'plugin "nope" not found' },
  { ask: "GET /swarm", status: 503, words: "This node is not a swarm manager." },
  { ask: "GET /services", status: 503, words: "This node is not a swarm manager." },
  { ask: "GET /nodes", status: 503, words: "This node is not a swarm manager." },
  { ask: "GET /secrets", status: 503, words: "This node is not a swarm manager." },
  { ask: "POST /commit?container=nope", status: 404, words: "No such container: nope" },
  { ask: "POST /commit?container=up&repo=UPPER", status: 400, words: "invalid reference format" },
  {
    ask: "POST /commit?container=up&changes=FROM%20x",
    status: 400,
    words: "FROM is not a valid change command",
  },
  { ask: "POST /build?remote=http://127.0.0.1:1/x", status: 500 },
  { ask: "POST /build?t=UPPER", status: 400, words: "invalid reference format" },
  { ask: "POST /build?buildargs=nojson", status: 400 },
  { ask: "POST /session", status: 404 },
  { ask: "POST /grpc", status: 404 },
];
