import type { Expectation } from "./expectation.ts";

export const images: Expectation[] = [
  { ask: "GET /images/nope/json", status: 404, words: "No such image: nope" },
  { ask: "GET /images/nope/history", status: 404, words: "No such image: nope" },
  { ask: "GET /images/nope/get", status: 404, words: "No such image: nope" },
  { ask: "GET /images/get?names=nope", status: 404, words: "No such image: nope" },
  { ask: "DELETE /images/nope", status: 404, words: "No such image: nope" },
  { ask: "DELETE /images/busybox:two", status: 200, words: "Untagged" },
  { ask: "POST /images/nope/tag?repo=a", status: 404, words: "No such image: nope" },
  { ask: "POST /images/busybox/tag?repo=UPPER", status: 400, words: "invalid reference format" },
  { ask: "POST /images/busybox/tag?repo=a&tag=%21", status: 400, words: "invalid" },
  { ask: "POST /images/busybox/tag?repo=", status: 400 },
  { ask: "POST /images/nope/push", status: 404, words: "An image does not exist locally with the tag: nope" },
  { ask: "POST /images/create?fromImage=UPPER", status: 400, words: "invalid reference format" },
  { ask: "POST /images/create?fromImage=localhost:1/none&tag=x", status: 500, words: "localhost:1" },
  { ask: "GET /distribution/localhost:1/none/json", status: 500, words: "localhost:1" },
  { ask: "GET /images/json?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  {
    ask: "GET /images/json?filters={%22dangling%22:[%22maybe%22]}",
    status: 400,
    words: "invalid filter 'dangling=[maybe]'",
  },
  { ask: "POST /images/prune?filters={%22nope%22:[%22x%22]}", status: 400, words: "invalid filter 'nope'" },
  { ask: "GET /images/search", status: 400 },
  { ask: "GET /images/search?term=a&limit=1000", status: 400, words: "limit" },
  {
    ask: "POST /images/load",
    body: "this is no archive",
    type: "application/x-tar",
    status: 200,
    words: "error",
  },
];
