import type { Expectation } from "./expectation.ts";

export const execs: Expectation[] = [
  {
    ask: "POST /containers/nope/exec",
    body: { Cmd: ["true"] },
    status: 404,
    words: "No such container: nope",
  },
  { ask: "POST /containers/up/exec", body: {}, status: 400, words: "No exec command specified" },
  { ask: "POST /containers/up/exec", body: { Cmd: null }, status: 400, words: "No exec command specified" },
  { ask: "POST /containers/up/exec", body: { Cmd: [] }, status: 400, words: "No exec command specified" },
  {
    ask: "POST /containers/held/exec",
    body: { Cmd: ["true"] },
    status: 409,
    words: "is paused, unpause the container before exec",
  },
  { ask: "POST /containers/made/exec", body: { Cmd: ["true"] }, status: 409, words: "is not running" },
  { ask: "POST /exec/nope/start", body: {}, status: 404, words: "No such exec instance: nope" },
  { ask: "POST /exec/nope/resize?h=1&w=1", status: 404, words: "No such exec instance: nope" },
  { ask: "GET /exec/nope/json", status: 404, words: "No such exec instance: nope" },
];
