import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Index } from "../../src/oci/manifest.ts";
import { mediaTypes } from "../../src/oci/media-types.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
let [amd, arm, list] = ["", "", ""];
beforeAll(async () => {
  [lab, registry] = [await Lab.open(), await LocalRegistry.open()];
  [amd, arm, list] = [
    `${registry.host}/a/app:amd`,
    `${registry.host}/b/app:arm`,
    `${registry.host}/a/app:all`,
  ];
  await lab.build(amd, "FROM scratch\nCOPY a /a\n", { a: "one" });
  await lab.build(arm, "FROM scratch\nCOPY a /a\n", { a: "two" });
  await lab.ok("push", "-q", amd);
  await lab.ok("push", "-q", arm);
}, 60_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
}, 60_000);

test("manifest create, annotate, inspect and push make an index of images, also of another repository", async () => {
  expect(await lab.ok("manifest", "create", list, amd, arm)).toBe(`Created manifest list ${list}\n`);
  await lab.ok("manifest", "annotate", "--arch", "arm", "--variant", "v6", list, arm);
  await lab.ok("manifest", "annotate", "--os-features", "x,y", list, amd);
  const made = await lab.json<Index>("manifest", "inspect", list);
  expect(made.manifests.map(({ platform }) => platform)).toEqual([
    { os: "linux", architecture: "amd64", "os.features": ["x", "y"] },
    { os: "linux", architecture: "arm", variant: "v6" },
  ]);
  const one = await lab.json<{ layers: object[] }>("manifest", "inspect", list, arm);
  expect(one.layers).toHaveLength(1);

  const armDigest = made.manifests[1]?.digest ?? "";
  const said = (await lab.ok("manifest", "push", list)).trimEnd().split("\n");
  expect(said).toEqual([
    `Pushed ref ${registry.host}/a/app@${armDigest} with digest: ${armDigest}`,
    expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  ]);
  await lab.ok("manifest", "rm", list);
  expect(await lab.json<Index>("manifest", "inspect", list)).toEqual(made);
  await lab.ok("pull", "-q", "--platform", "linux/arm/v6", list);
  expect((await lab.engine.images.inspect(list)).Id).toBe((await lab.engine.images.inspect(arm)).Id);
});

test("manifest create takes what no registry has from this store; push sends it", async () => {
  const local = `${registry.host}/c/local:1`;
  await lab.build(local, "FROM scratch\nCOPY a /only-here\n", { a: "three" });
  const name = `${registry.host}/c/list:1`;
  await lab.ok("manifest", "create", name, local);
  await lab.ok("manifest", "push", "--purge", name);
  const { manifests, mediaType } = await lab.json<Index>("manifest", "inspect", name);
  expect([mediaType, manifests.length]).toEqual([mediaTypes.ociIndex, 1]);
  expect((await lab.slipway("manifest", "rm", name)).stderr).toContain(`No such manifest: ${name}`);
  const again = `${registry.host}/c/list:2`;
  await lab.ok("manifest", "create", again, name);
  expect((await lab.json<Index>("manifest", "inspect", again)).manifests).toEqual(manifests as never);
});

test("manifest create refuses a list that is there without --amend, and what is nowhere", async () => {
  const name = `${registry.host}/d/list:1`;
  await lab.ok("manifest", "create", name, amd);
  const refused = await lab.slipway("manifest", "create", name, arm);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining("refusing to amend an existing manifest list with no --amend flag"),
  ]);
  await lab.ok("manifest", "create", "--amend", name, arm);
  expect((await lab.engine.manifests.get(name)).Entries.map(({ Ref }) => Ref)).toEqual([amd, arm]);
  const missing = await lab.slipway("manifest", "create", "--amend", name, `${registry.host}/none:1`);
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("none")]);
  const wrong = await lab.slipway("manifest", "annotate", "--arch", "z80", name, amd);
  expect(wrong.stderr).toContain("manifest entry for image has unsupported os/arch combination: linux/z80");
});
