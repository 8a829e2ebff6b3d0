import { formatPlatform, hostPlatform } from "../../src/oci/platform.ts";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Lab, run } from "./lab.ts";

const skopeo = Bun.which("skopeo");
if (skopeo === null) console.log("SKIPPED: archives of skopeo, which is not installed");

let lab: Lab;
let id = "";
beforeAll(async () => {
  lab = await Lab.open();
  id = await lab.build("app:1", "FROM scratch\nCOPY a /a\nCOPY b /b\nLABEL l=1\n", { a: "one", b: 70_000 });
  await lab.ok("save", "-o", lab.path("ours.tar"), "app:1");
  await lab.ok("rmi", "app:1");
}, 60_000);
afterAll(async () => await lab[Symbol.asyncDispose](), 60_000);

/** `skopeo copy FROM TO`, with TO's manifest digest as its answer. */
async function copied(from: string, to: string): Promise<string> {
  const digests = lab.path("digest");
  const words = ["copy", "-q", "--insecure-policy", "--digestfile", digests, from, to];
  const { code, stderr } = await run([skopeo ?? "", ...words]);
  if (code !== 0) throw new Error(`skopeo ${words.join(" ")}: ${stderr}`);
  return (await Bun.file(digests).text()).trim();
}

/** The ID of the image that the archive brings. */
async function loaded(path: string): Promise<string> {
  const said = await lab.ok("load", "-i", lab.path(path));
  const name = /^Loaded image(?: ID)?: (.+)$/m.exec(said)?.[1] ?? "";
  const image = await lab.engine.images.inspect(name);
  expect((await lab.engine.store.check()).Problems).toEqual([]);
  await lab.ok("rmi", "-f", image.Id);
  return image.Id;
}

for (const kind of ["docker-archive", "oci-archive"]) {
  test.skipIf(skopeo === null)(
    `skopeo reads our archive, and we load the ${kind} it makes: the ID stays`,
    async () => {
      await copied(`${kind}:${lab.path("ours.tar")}`, `${kind}:${lab.path(`${kind}.tar`)}:app:1`);
      expect(await loaded(`${kind}.tar`)).toBe(id);
    },
  );
}

test.skipIf(skopeo === null)(
  "an OCI archive of skopeo that we load and save again keeps its manifest's digest",
  async () => {
    const made = await copied(
      `oci-archive:${lab.path("ours.tar")}`,
      `oci-archive:${lab.path("again.tar")}:app:1`,
    );
    await lab.ok("load", "-i", lab.path("again.tar"));
    await lab.ok("save", "-o", lab.path("second.tar"), "app:1");
    expect(await copied(`oci-archive:${lab.path("second.tar")}`, `dir:${lab.path("dir")}`)).toBe(made);
  },
);

test("an archive as Docker saved it before 25, and as it does since, loads with the same ID", async () => {
  // Since 25 a docker archive is an OCI layout with `manifest.json`, as ours; before, only that.
  const old = lab.path("old");
  await run(["mkdir", old]);
  await run(["tar", "-C", old, "-xf", lab.path("ours.tar")]);
  await run(["rm", "-f", `${old}/index.json`, `${old}/oci-layout`]);
  await run(["tar", "-C", old, "-cf", lab.path("old.tar"), "."]);
  expect(await loaded("old.tar")).toBe(id);
  expect(await loaded("ours.tar")).toBe(id);
});

test("save and load --platform refuse an image for another machine, and take the one asked for", async () => {
  const wrong = ["--platform", "linux/s390x"];
  await lab.ok("load", "-i", lab.path("ours.tar"));
  for (const verb of [
    ["save", "-o", lab.path("none.tar")],
    ["load", "-i", lab.path("ours.tar")],
  ]) {
    const { code, stderr } = await lab.slipway(...verb, ...wrong, ...(verb[0] === "save" ? [id] : []));
    expect([code, stderr]).toEqual([1, expect.stringContaining("does not match the specified platform")]);
  }
  const right = ["--platform", formatPlatform(hostPlatform())];
  await lab.ok("save", "-o", lab.path("one.tar"), ...right, id);
  await lab.ok("load", "-i", lab.path("one.tar"), ...right);
});
