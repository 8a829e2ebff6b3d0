import { expect, test } from "bun:test";
import type { ImageConfig } from "../oci/image-config.ts";
import { configDiff } from "./config-diff.ts";

const base: ImageConfig = {
  os: "linux",
  architecture: "amd64",
  config: { Env: ["PATH=/bin", "A=1"], Cmd: ["sh"], ExposedPorts: { "80/tcp": {} }, Labels: { team: "x" } },
  rootfs: { type: "layers", diff_ids: [] },
  history: [
    { created_by: "ENV A=1", empty_layer: true },
    { created_by: '/bin/sh -c #(nop)  CMD ["sh"]', empty_layer: true },
    { created_by: "EXPOSE [80/tcp]", empty_layer: true },
  ],
};

test("configDiff() finds nothing between configs that say the same, whatever their times and layers", () => {
  const other = {
    ...base,
    created: "2024-01-01T00:00:00Z",
    rootfs: { type: "layers" as const, diff_ids: ["x"] },
  };
  expect(configDiff(base, other)).toEqual([]);
});

test("configDiff() tells each setting by its key, with the line that sets it", () => {
  const changed: ImageConfig = {
    ...base,
    config: { Env: ["PATH=/bin", "A=2", "B="], Entrypoint: ["/run"], Labels: { team: "x" } },
    history: [{ created_by: "ENV A=2 B=", empty_layer: true }, { created_by: 'ENTRYPOINT ["/run"]' }],
  };
  expect(configDiff(base, changed)).toEqual([
    { field: "Cmd", a: '["sh"]', b: undefined, createdBy: '/bin/sh -c #(nop)  CMD ["sh"]' },
    { field: "Entrypoint", a: undefined, b: '["/run"]', createdBy: 'ENTRYPOINT ["/run"]' },
    { field: "Env A", a: "1", b: "2", createdBy: "ENV A=2 B=" },
    { field: "Env B", a: undefined, b: "", createdBy: "ENV A=2 B=" },
    { field: "ExposedPort 80/tcp", a: "80/tcp", b: undefined, createdBy: "EXPOSE [80/tcp]" },
  ]);
});
