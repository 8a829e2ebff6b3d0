import { expect, test } from "bun:test";
import type { TransferProgress } from "../../../src/engine/types/image.ts";
import type { Subject } from "../engine-contract.ts";
import { build, run } from "../lab.ts";
import { failure, streamFailure } from "../rejects.ts";
import { localRegistry } from "../registry.ts";

export function imageContract(get: () => Subject): void {
  const lines = async (stream: AsyncIterable<TransferProgress>): Promise<TransferProgress[]> => {
    const all: TransferProgress[] = [];
    for await (const line of stream) all.push(line);
    return all;
  };
  const derive = async (tag: string, text = tag) => {
    const dockerfile = { text: `FROM busybox\nRUN echo ${text} > /made\nLABEL made=${text}\n` };
    return (await build(get().engine, { context: { kind: "empty" }, dockerfile, tags: [tag] })).id;
  };

  test("images are listed, inspected and tagged", async () => {
    const { images } = get().engine;
    const [shown] = await images.list({ filters: { reference: ["busybox"] } });
    expect(shown).toMatchObject({ RepoTags: ["busybox:latest"] });
    expect(shown?.Size).toBeGreaterThan(100_000);
    const { Id, Config } = await images.inspect("busybox");
    expect(Config?.Cmd).toEqual(["sh"]);
    await images.tag("busybox", "other:tag");
    expect((await images.inspect(Id.slice(7, 19))).RepoTags.toSorted()).toEqual([
      "busybox:latest",
      "other:tag",
    ]);
    expect(await images.remove("other:tag")).toEqual([{ Untagged: "other:tag" }]);
    expect(await failure(images.inspect("nowhere"))).toEqual({
      code: "not_found",
      message: "No such image: nowhere:latest",
    });
    expect(await failure(images.tag("busybox", "UPPER"))).toMatchObject({ code: "invalid_argument" });
    expect((await images.history("busybox")).map(({ Tags }) => Tags)[0]).toEqual(["busybox:latest"]);
  });

  test("remove() refuses an image in use and deletes one that nobody names", async () => {
    const { engine } = get();
    const id = await derive("used");
    const { Id: container } = await engine.containers.create({ Image: "used" });
    const refused = await failure(engine.images.remove("used"));
    expect(refused?.code).toBe("conflict");
    expect(refused?.message).toContain(
      `conflict: unable to remove repository reference "used" (must force) - container ${container.slice(0, 12)} is using`,
    );
    await engine.containers.remove(container);
    expect(await engine.images.remove("used")).toEqual([
      { Untagged: "used:latest" },
      { Deleted: id as never },
    ]);
    expect(await failure(engine.images.inspect(id))).toMatchObject({ code: "not_found" });
    expect(await failure(engine.images.remove("used"))).toEqual({
      code: "not_found",
      message: "No such image: used:latest",
    });
  });

  test("save() and load() carry images as they are", async () => {
    const { engine } = get();
    const id = await derive("carried:1");
    const archive: Uint8Array[] = [];
    for await (const chunk of await engine.images.save(["carried:1", "busybox"])) archive.push(chunk);
    await engine.images.remove("carried:1");
    const told = await lines(
      engine.images.load(
        (async function* () {
          yield* archive;
        })(),
      ),
    );
    expect(told.map((line) => "stream" in line && line.stream)).toContain("Loaded image: carried:1\n");
    expect((await engine.images.inspect("carried:1")).Id).toBe(id as never);
    expect((await run(engine, ["cat", "/made"], { Image: "carried:1" })).stdout).toBe("carried:1\n");
    await engine.images.remove("carried:1");
    expect(await failure(engine.images.save(["nowhere"]))).toMatchObject({ code: "not_found" });
    const broken = engine.images.load(
      (async function* () {
        yield Buffer.from("no archive");
      })(),
    );
    expect(await streamFailure(broken)).toMatchObject({ code: "invalid_argument" });
  });

  test("push() and pull() go through a registry and give the same image", async () => {
    const { engine } = get();
    await using registry = await localRegistry();
    const name = `${registry.host}/team/app:v1`;
    const id = await derive(name, "pushed");
    const pushed = await lines(engine.images.push(name));
    expect(pushed[0]?.status).toBe(`The push refers to repository [${registry.host}/team/app]`);
    expect(
      pushed.some(({ status }) => /^v1: digest: sha256:[0-9a-f]{64} size: \d+$/.test(status ?? "")),
    ).toBe(true);
    const again = await lines(engine.images.push(name));
    expect(again.at(-2)).toEqual(pushed.at(-2) ?? {});
    await engine.images.remove(name);
    const pulled = await lines(engine.images.pull(name));
    expect(pulled.map(({ status }) => status)).toContain(`Status: Downloaded newer image for ${name}`);
    expect((await engine.images.inspect(name)).Id).toBe(id as never);
    expect((await run(engine, ["cat", "/made"], { Image: name })).stdout).toBe("pushed\n");
    const fresh = await lines(engine.images.pull(name));
    expect(fresh.map(({ status }) => status)).toContain(`Status: Image is up to date for ${name}`);
    const { RepoDigests } = await engine.images.inspect(name);
    expect(RepoDigests[0]).toStartWith(`${registry.host}/team/app@sha256:`);
    expect(await streamFailure(engine.images.pull(`${registry.host}/team/none`))).toMatchObject({
      code: "not_found",
    });
    expect(await streamFailure(engine.images.push("never-tagged"))).toEqual({
      code: "not_found",
      message: "An image does not exist locally with the tag: never-tagged",
    });
    await engine.images.remove(name);
  });

  test("prune() removes images without a name", async () => {
    const { engine } = get();
    const first = await derive("moved", "one");
    const second = await derive("moved", "two");
    const dangling = await engine.images.list({ filters: { dangling: ["true"] } });
    expect(dangling.map(({ Id }) => Id as string)).toEqual([first]);
    const { ImagesDeleted } = await engine.images.prune();
    expect(ImagesDeleted).toEqual([{ Deleted: first as never }]);
    expect((await engine.images.inspect("moved")).Id as string).toBe(second);
    await engine.images.remove("moved");
  });
}
