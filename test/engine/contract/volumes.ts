import { expect, test } from "bun:test";
import type { Engine } from "../../../src/engine/engine.ts";
import { build, run } from "../lab.ts";
import { failure } from "../rejects.ts";

export function volumeContract(get: () => Engine): void {
  const names = async () => (await get().volumes.list()).Volumes.map(({ Name }) => Name);

  test("volumes are made, listed, inspected and removed", async () => {
    const { volumes } = get();
    const made = await volumes.create({ Name: "data", Labels: { a: "b" } });
    expect(made).toMatchObject({ Name: "data", Driver: "local", Scope: "local", Labels: { a: "b" } });
    expect(await volumes.inspect("data")).toEqual(made);
    expect(await names()).toEqual(["data"]);
    await volumes.remove("data");
    expect(await failure(volumes.inspect("data"))).toEqual({
      code: "not_found",
      message: "get data: no such volume",
    });
  });

  test("a volume outlives its containers and is held by them", async () => {
    const engine = get();
    const HostConfig = { Binds: ["kept:/data"] };
    await run(engine, ["sh", "-c", "echo x > /data/file"], { HostConfig });
    expect((await run(engine, ["cat", "/data/file"], { HostConfig })).stdout).toBe("x\n");
    const { Id } = await engine.containers.create({ Image: "busybox", HostConfig });
    const held = await failure(engine.volumes.remove("kept"));
    expect(held).toEqual({ code: "conflict", message: `remove kept: volume is in use - [${Id}]` });
    await engine.containers.remove(Id, { volumes: true });
    expect(await names()).toEqual(["kept"]);
    await engine.volumes.remove("kept");
  });

  test("an image's volumes are filled from it, and go with --rm", async () => {
    const engine = get();
    const text = "FROM busybox\nRUN mkdir /store && echo image > /store/file\nVOLUME /store\n";
    await build(engine, { context: { kind: "empty" }, dockerfile: { text }, tags: ["with-volume"] });
    expect((await run(engine, ["cat", "/store/file"], { Image: "with-volume" })).stdout).toBe("image\n");
    expect(await names()).toEqual([]);
    const { Id } = await engine.containers.create({ Image: "with-volume" });
    const [anonymous = ""] = await names();
    expect(anonymous).toMatch(/^[0-9a-f]{64}$/);
    await engine.containers.remove(Id);
    expect(await names()).toEqual([anonymous]);
    expect((await engine.volumes.prune()).VolumesDeleted).toEqual([anonymous]);
    await engine.images.remove("with-volume");
  });

  test("a creation that fails leaves no volume", async () => {
    const engine = get();
    const HostConfig = { Binds: ["half:/x"], NetworkMode: "nowhere" };
    expect(await failure(engine.containers.create({ Image: "busybox", HostConfig }))).toMatchObject({
      code: "invalid_argument",
    });
    expect(await names()).toEqual([]);
  });
}
