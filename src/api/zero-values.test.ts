import { expect, test } from "bun:test";
import { withZeroValues } from "./zero-values.ts";

test("withZeroValues() replaces null where the document wants a list or a map", () => {
  const document = {
    Config: { Env: null, Labels: null, OnBuild: null, Healthcheck: null },
    NetworkSettings: { Ports: { "80/tcp": null } },
    List: [{ RepoTags: null }, { RepoTags: ["a"] }],
  };
  expect(withZeroValues(document)).toEqual({
    Config: { Env: [], Labels: {}, OnBuild: null, Healthcheck: undefined },
    NetworkSettings: { Ports: { "80/tcp": null } },
    List: [{ RepoTags: [] }, { RepoTags: ["a"] }],
  });
  expect(document.Config.Env).toBeNull();
});

test("withZeroValues() shares what it need not change", () => {
  const document = { a: [1, { b: null }] };
  expect(withZeroValues(document)).toBe(document);
});
