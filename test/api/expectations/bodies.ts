import type { Expectation } from "./expectation.ts";

const jsonBodies = [
  "/containers/create",
  "/containers/up/exec",
  "/containers/up/update",
  "/networks/create",
  "/networks/net/connect",
  "/networks/net/disconnect",
  "/volumes/create",
  "/auth",
  "/commit?container=up",
];

/** Every operation that takes a JSON document says the same about what is none. */
export const malformed = jsonBodies.flatMap((path): Expectation[] => [
  {
    ask: `POST ${path}`,
    body: "{}",
    type: "text/plain",
    status: 400,
    words: "unsupported Content-Type header (text/plain): must be 'application/json'",
  },
  {
    ask: `POST ${path}`,
    body: "{invalid json",
    type: "application/json",
    status: 400,
    words: "invalid JSON: invalid character 'i' looking for beginning of object key string",
  },
  {
    ask: `POST ${path}`,
    body: "{} trailing content",
    type: "application/json",
    status: 400,
    words: "unexpected content after JSON",
  },
]);
