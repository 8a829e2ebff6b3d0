import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuildEvent } from "../../../src/engine/engine.ts";
import type { Subject } from "../engine-contract.ts";
import { build, run } from "../lab.ts";
import { failure } from "../rejects.ts";

export function buildContract(get: () => Subject): void {
  const directory = (name: string, files: Record<string, string>) => {
    const path = join(get().root, "../contexts", name);
    mkdirSync(path, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
    return path;
  };
  /** Whether each instruction came out of the cache. */
  const cached = (events: readonly BuildEvent[]) => {
    const steps = events.flatMap((event) =>
      event.type === "vertex" && !event.name.startsWith("[internal]") ? [event.id] : [],
    );
    return events.flatMap((event) =>
      event.type === "completed" && steps.includes(event.id) ? [event.cached] : [],
    );
  };

  test("a directory is built, and the second time nothing is done", async () => {
    const { engine } = get();
    const path = directory("plain", {
      Dockerfile: 'FROM busybox\nCOPY file /file\nRUN cat /file\nCMD ["cat", "/file"]\n',
      file: "one\n",
    });
    const request = { context: { kind: "directory", path } as const, tags: ["plain"] };
    const first = await build(engine, request);
    const printed = first.events.map((event) => (event.type === "log" ? event.data : "")).join("");
    expect(printed).toBe("one\n");
    expect((await run(engine, [], { Image: "plain" })).stdout).toBe("one\n");
    const second = await build(engine, request);
    expect(second.id).toBe(first.id);
    expect(cached(second.events)).toEqual([true, true, true]);
    writeFileSync(join(path, "file"), "two\n");
    const third = await build(engine, request);
    expect(third.id).not.toBe(first.id);
    const causes = third.events.flatMap((event) => (event.type === "completed" ? (event.causes ?? []) : []));
    expect(causes.join("; ")).toContain("file");
    await engine.images.remove("plain");
  });

  test("a tar is built like the directory it was made of", async () => {
    const { engine } = get();
    const path = directory("tarred", { Dockerfile: "FROM busybox\nCOPY . /all\n", "a.txt": "a" });
    const inPlace = await build(engine, { context: { kind: "directory", path }, tags: ["tarred"] });
    const tar = Bun.spawn(["tar", "-C", path, "-cf", "-", "."], { stdout: "pipe" });
    const sent = await build(engine, { context: { kind: "tar", stream: tar.stdout }, tags: ["tarred"] });
    expect((await engine.images.inspect(sent.id)).RootFS).toEqual(
      (await engine.images.inspect(inPlace.id)).RootFS,
    );
    await engine.images.remove("tarred");
  });

  test("arguments, target, labels and another Dockerfile are heeded", async () => {
    const { engine } = get();
    const text =
      "FROM busybox AS one\nARG WHAT=nothing\nRUN echo $WHAT > /what\nFROM one AS two\nRUN false\n";
    const path = directory("args", { "Other.dockerfile": text });
    const { id } = await build(engine, {
      context: { kind: "directory", path },
      dockerfile: { path: "Other.dockerfile" },
      buildArgs: { WHAT: "something" },
      labels: { l: "v" },
      target: "one",
      tags: ["args:a", "args:b"],
    });
    const { RepoTags, Config } = await engine.images.inspect(id);
    expect(RepoTags.toSorted()).toEqual(["args:a", "args:b"]);
    expect(Config?.Labels).toEqual({ l: "v" });
    expect((await run(engine, ["cat", "/what"], { Image: "args:a" })).stdout).toBe("something\n");
    for (const tag of ["args:a", "args:b"]) await engine.images.remove(tag);
  });

  test("a build that fails says where and makes no image", async () => {
    const { engine } = get();
    const fails = (text: string) =>
      failure(build(engine, { context: { kind: "empty" }, dockerfile: { text }, tags: ["never"] }));
    expect((await fails("FROM busybox\nRUN exit 3\n"))?.message).toContain("exit code: 3");
    expect((await fails("FROM busybox\nCOPY missing /\n"))?.message).toContain('"/missing": not found');
    const unknown = await fails("FROM busybox\nFLY away\n");
    expect(unknown?.code).toBe("invalid_argument");
    expect(unknown?.message).toContain("unknown instruction: FLY");
    expect(await failure(engine.images.inspect("never"))).toMatchObject({ code: "not_found" });
    expect((await fails("FROM 127.0.0.1:1/none\n"))?.message).toContain("127.0.0.1:1");
  });

  test("an aborted build ends at once", async () => {
    const { engine } = get();
    const stop = new AbortController();
    const began = Date.now();
    const request = {
      context: { kind: "empty" } as const,
      dockerfile: { text: "FROM busybox\nRUN sleep 60\n" },
    };
    const aborted = (async () => {
      for await (const event of engine.builds.build(request, { signal: stop.signal })) {
        if (event.type === "started") setTimeout(() => stop.abort(), 200);
      }
    })();
    expect(await failure(aborted)).toMatchObject({ code: "cancelled" });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test("prune() empties the cache", async () => {
    const { engine } = get();
    expect((await engine.builds.prune({ all: true })).CachesDeleted.length).toBeGreaterThan(0);
    expect((await engine.builds.prune({ all: true })).CachesDeleted).toEqual([]);
  });

  test("a build is watched from elsewhere while it runs, and told of when it has ended", async () => {
    const { engine } = get();
    const steps = "FROM busybox\nRUN echo said; sleep 600\n";
    const path = directory("watched", { Dockerfile: steps });
    const stop = new AbortController();
    const request = { context: { kind: "directory", path } as const, tags: ["watched"], noCache: true };
    const building = failure(build(engine, request, { signal: stop.signal }));
    let id = "";
    for await (const { running } of engine.builds.running()) {
      id = running.find(({ tags }) => tags.includes("watched"))?.id ?? "";
      if (id !== "") break;
    }
    const said: string[] = [];
    for await (const event of engine.builds.events(id)) {
      said.push(event.type === "log" ? event.data : event.type);
      if (event.type === "log") stop.abort();
      if (event.type === "ended") expect(event.outcome).toBe("cancelled");
    }
    await building;
    expect(said).toContain("said\n");
    expect(said.at(-1)).toBe("ended");
    const past = await Array.fromAsync(engine.builds.events(id));
    expect(past.map(({ type }) => type)).toContain("log");
    const { steps: recorded } = await engine.builds.inspect(id);
    expect(recorded.at(-1)).toMatchObject({
      name: expect.stringContaining("RUN echo said") as string,
      inputs: [0],
    });
    expect(recorded.at(-1)?.startMs).toBeGreaterThanOrEqual(0);
  });

  test("a build with secrets leaves no output", async () => {
    const { engine } = get();
    const step = "RUN --mount=type=secret,id=key cat /run/secrets/key";
    const path = directory("secret-output", { Dockerfile: `FROM busybox\n${step}\n` });
    const secrets = { key: Buffer.from("hidden").toString("base64") };
    const request = { context: { kind: "directory", path } as const, secrets, noCache: true };
    const { events } = await build(engine, request);
    expect(events.some((event) => event.type === "log" && event.data.includes("hidden"))).toBe(true);
    const [record] = await engine.builds.list();
    const kept = await Array.fromAsync(engine.builds.events(record?.id ?? ""));
    expect(kept.length).toBeGreaterThan(3);
    expect(JSON.stringify(kept)).not.toContain("hidden");
  });
}
