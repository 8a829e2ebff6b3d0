import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { LocalRegistry } from "../registry/local-registry.ts";
import { Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
beforeAll(async () => {
  [lab, registry] = await Promise.all([Lab.open(), LocalRegistry.open()]);
}, 60_000);
afterAll(async () => {
  await Promise.all([lab[Symbol.asyncDispose](), registry[Symbol.asyncDispose]()]);
}, 60_000);

const cross = [
  "FROM --platform=$BUILDPLATFORM busybox AS build",
  "ARG BUILDPLATFORM TARGETPLATFORM TARGETARCH TARGETVARIANT",
  'RUN echo "$BUILDPLATFORM $TARGETPLATFORM $TARGETARCH $TARGETVARIANT" > /out',
  "FROM scratch",
  "COPY --from=build /out /out",
];

interface Manifests {
  readonly manifests: readonly {
    readonly platform: { readonly architecture: string; readonly variant?: string };
  }[];
  readonly annotations?: object;
}

test("build --platform of several makes an index, which is kept, saved and pushed whole", async () => {
  const context = lab.files({ Dockerfile: `${cross.join("\n")}\n` });
  const name = `127.0.0.1:${registry.port}/multi:1`;
  const platforms = "linux/amd64,linux/arm64,linux/arm/v7";
  const built = await lab.run([
    "build",
    "--platform",
    platforms,
    "--annotation",
    "index:a=b",
    "-t",
    name,
    context,
  ]);
  expect(built.code).toBe(0);
  expect(built.stderr).toMatch(/\[linux\/amd64->arm64 build 2\/2\] RUN echo/);
  expect(built.stderr).toMatch(/\[linux\/arm\/v7 stage-1 1\/1\] COPY --from=build/);
  const index = JSON.parse(await lab.out("manifest", "inspect", "--local", name)) as Manifests;
  expect(index.manifests.map(({ platform }) => platform.architecture + (platform.variant ?? ""))).toEqual([
    "amd64",
    "arm64",
    "armv7",
  ]);
  expect(index.annotations).toEqual({ a: "b" });
  expect(await lab.out("images", "--tree")).toContain("linux/arm/v7");
  // Nothing but the name holds the layers of other platforms.
  await lab.out("builder", "prune", "-af");
  await lab.out("image", "prune", "-f");
  const pushed = await lab.run(["push", name]);
  expect([pushed.code, pushed.stderr]).toEqual([0, ""]);
  await lab.out("rmi", name);
  await lab.out("pull", "--platform", "linux/arm64", name);
  const id = await lab.out("create", "--platform", "linux/arm64", name, "x");
  await lab.out("export", "-o", join(lab.directory, "out.tar"), id);
  const { stdout } = Bun.spawnSync(["tar", "-xOf", join(lab.directory, "out.tar"), "out"]);
  expect(stdout.toString()).toBe("linux/amd64 linux/arm64 arm64 \n");
  await lab.out("rm", id);
}, 60_000);

test("build --platform: a foreign RUN without an emulator says what to install, before anything runs", async () => {
  const context = lab.files({ Dockerfile: "FROM scratch\nCOPY a /\nRUN /a\n", a: "a" });
  const ran = await lab.run(["build", "--platform", "linux/s390x", context]);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("Dockerfile:3\n");
  expect(ran.stderr).toContain("no emulator for them; install qemu-user-static and binfmt-support");
  expect(ran.stderr).not.toContain("COPY a /\n#");
}, 60_000);
