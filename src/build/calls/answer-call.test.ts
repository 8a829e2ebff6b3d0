import { expect, test } from "bun:test";
import { parsePlatform } from "../../oci/platform.ts";
import { answerCall } from "./answer-call.ts";

const platform = parsePlatform("linux/amd64");
const options = {
  filename: "Dockerfile",
  platform,
  buildPlatform: platform,
  storedImage: () => undefined,
};

const text = `ARG BASE=alpine
# GO_VERSION of the compiler
ARG GO_VERSION=1.22
ARG UNUSED=1
FROM golang:\${GO_VERSION} AS build
ARG LDFLAGS
RUN --mount=type=secret,id=token,required --mount=type=cache,target=/root/.cache make

# final what is shipped
FROM \${BASE} AS final
COPY --from=build /out /out

FROM scratch
RUN --mount=type=ssh true
`;

test("answerCall() outline: arguments, secrets and caches of what the target needs", () => {
  const answer = answerCall("outline", text, { ...options, target: "final", buildArgs: { LDFLAGS: "-s" } });
  expect(answer.document).toMatchObject({
    name: "final",
    description: "what is shipped",
    args: [
      { name: "BASE", value: "alpine", location: { ranges: [{ start: { line: 1 }, end: { line: 1 } }] } },
      { name: "GO_VERSION", value: "1.22", description: "of the compiler" },
      { name: "LDFLAGS", value: "-s" },
    ],
    secrets: [{ name: "token", required: true }],
    cache: [{ ID: "/root/.cache" }],
  });
  expect(answer.document).not.toHaveProperty("ssh");
  expect(answerCall("outline", text, options).document).toMatchObject({
    name: "",
    ssh: [{ name: "default" }],
  });
});

test("answerCall() targets: every stage, the last is the default", () => {
  expect(answerCall("targets", text, options).document).toMatchObject({
    targets: [
      { name: "build", base: "golang:${GO_VERSION}" },
      { name: "final", description: "what is shipped" },
      { default: true, base: "scratch" },
    ],
  });
});

test("answerCall() check: findings, and why the build would fail, with their lines", () => {
  const bad = "FROM alpine as base\nFROM scratch\nCOPY --from=9 /a /\n";
  const { document } = answerCall("check", bad, options);
  expect(document).toMatchObject({
    warnings: [
      {
        ruleName: "FromAsCasing",
        url: "https://docs.docker.com/go/dockerfile/rule/from-as-casing/",
        location: { ranges: [{ start: { line: 1 }, end: { line: 1 } }] },
      },
    ],
    sources: [{ filename: "Dockerfile", data: Buffer.from(bad).toString("base64") }],
    buildError: { message: 'invalid stage index "9"', location: { ranges: [{ start: { line: 3 } }] } },
  });
  expect(answerCall("check", "FROM scratch\nFROMM x\n", options).document).toMatchObject({
    buildError: {
      message: "dockerfile parse error on line 2: unknown instruction: FROMM (did you mean FROM?)",
    },
  });
  const strict = answerCall("check", `# check=error=true\n${bad}`, options).document;
  expect(strict).toMatchObject({ buildError: { message: "lint violation found for rules: FromAsCasing" } });
  const silent = answerCall("check", "# check=skip=all\nFROM alpine as base\n", options).document;
  expect(silent).toMatchObject({ warnings: [] });
});
