import { expect, test } from "bun:test";
import { applyChanges } from "./apply-changes.ts";

const image = {
  architecture: "amd64",
  os: "linux",
  config: { Env: ["PATH=/bin", "A=1"], Cmd: ["old"], WorkingDir: "/w", Labels: { l: "1" } },
  rootfs: { type: "layers", diff_ids: [] },
} as const;

test("applyChanges() changes the configuration as a Dockerfile does", () => {
  const changes = ["ENV B=$A", "WORKDIR sub", 'CMD ["new"]', "LABEL m=2", "EXPOSE 80", "USER app"];
  expect(applyChanges(image, changes)).toMatchObject({
    Env: ["PATH=/bin", "A=1", "B=1"],
    WorkingDir: "/w/sub",
    Cmd: ["new"],
    Labels: { l: "1", m: "2" },
    ExposedPorts: { "80/tcp": {} },
    User: "app",
  });
  expect(applyChanges(image, [])).toBe(image.config);
});

test("applyChanges() refuses what makes layers, stages, or is wrong", () => {
  for (const [change, message] of [
    ["RUN x", "RUN is not a valid change command"],
    ["COPY a b", "COPY is not a valid change command"],
    ["FROM x", "FROM is not a valid change command"],
    ["ARG x", "ARG is not a valid change command"],
    ["NONSENSE", "unknown instruction"],
  ] as const)
    expect(() => applyChanges(image, [change])).toThrow(message);
});
