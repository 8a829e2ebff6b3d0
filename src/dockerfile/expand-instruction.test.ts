import { expect, test } from "bun:test";
import { expandInstruction } from "./expand-instruction.ts";
import { parseDockerfile } from "./parse-dockerfile.ts";

const env: Readonly<Record<string, string>> = { A: "a", PORTS: "80 81/udp", W: "/w", N: "5", EMPTY: "" };

function expand(text: string): object {
  const [instruction] = parseDockerfile(`FROM scratch\n${text}\n`).stages[0]?.instructions ?? [];
  if (instruction === undefined) throw new Error("no instruction");
  return expandInstruction(instruction, (name) => env[name]);
}

test("expandInstruction() fills in variables where the reference says so", () => {
  const cases: [string, object][] = [
    [
      "ENV X=$A Y='$A'",
      {
        variables: [
          { key: "X", value: "a" },
          { key: "Y", value: "$A" },
        ],
      },
    ],
    ["LABEL $A=${NONE:-none}", { labels: [{ key: "a", value: "none" }] }],
    ["EXPOSE $PORTS 90", { ports: ["80", "81/udp", "90"] }],
    ["WORKDIR $W/x", { path: "/w/x" }],
    ["USER $A:${N}", { user: "a:5" }],
    ["VOLUME $W", { paths: ["/w"] }],
    ["STOPSIGNAL $N", { signal: "5" }],
    ["ARG X=$A Y", { args: [{ key: "X", value: "a" }, { key: "Y" }] }],
    [
      "COPY --chown=$A --chmod=$N --exclude=$A x$A $W/",
      { chown: "a", chmod: "5", excludes: ["a"], sources: ["xa"], destination: "/w/" },
    ],
    ["COPY <<F /f\n\"$A\" '\\$A'\nF", { heredocs: [{ content: "\"a\" '$A'\n" }] }],
    ["COPY <<'F' /f\n$A\nF", { heredocs: [{ content: "$A\n" }] }],
    [
      "RUN --mount=type=cache,target=$W,uid=$N echo $A",
      { mounts: [{ target: "/w", uid: 5 }], command: { script: "echo $A" } },
    ],
    ["CMD echo $A", { command: { script: "echo $A" } }],
  ];
  for (const [text, expected] of cases) expect(expand(text), text).toMatchObject(expected);
});

test("expandInstruction() names file and line of what is no longer valid", () => {
  expect(() => expand("VOLUME $EMPTY")).toThrow("Dockerfile:2: VOLUME specified can not be an empty string");
  expect(() => expand("USER ${NONE:?is needed}")).toThrow("Dockerfile:2: failed to process");
  expect(() => expand("RUN --mount=type=cache,target=/c,uid=$A x")).toThrow("invalid value a for uid");
});
