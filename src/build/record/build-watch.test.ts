import { expect, test } from "bun:test";
import { BuildWatch, type WatchedEvent } from "./build-watch.ts";

const request = { context: { kind: "empty" }, tags: ["app"] } as const;
const ended = { type: "ended", outcome: "done", at: 9 } as const;

function log(data: string): WatchedEvent {
  return { type: "log", id: "v", stream: "stdout", data };
}

test("WatchedBuild.follow() tells a late follower everything from the beginning, and ends with the build", async () => {
  const build = new BuildWatch().begin("1", request, 5);
  build.see({ type: "started", id: "v", at: 6 });
  const seen: WatchedEvent[] = [];
  const following = (async () => {
    for await (const event of build.follow()) seen.push(event);
  })();
  build.see(log("hello"));
  build.end(ended);
  await following;
  expect(seen).toEqual([{ type: "started", id: "v", at: 6 }, log("hello"), ended]);
  expect(await Array.fromAsync(build.follow())).toEqual(seen);
});

test("WatchedBuild keeps the newest progress of a step, and output up to its limit", () => {
  const build = new BuildWatch().begin("1", request, 5);
  for (const current of [1, 2, 3]) build.see({ type: "progress", id: "v", text: "x", current });
  expect(build.events).toEqual([{ type: "progress", id: "v", text: "x", current: 3 }]);
  for (let at = 0; at < 5; at += 1) build.see(log("x".repeat(1 << 20)));
  const kept = build.events.filter(({ type }) => type === "log");
  expect(kept).toHaveLength(3);
  expect(kept.at(-1)).toMatchObject({ data: expect.stringContaining("was not kept") as string });
});

test("BuildWatch.changes() tells what runs at once, and after each begin and end", async () => {
  const watch = new BuildWatch();
  const first = watch.begin("1", request, 5);
  const stop = new AbortController();
  const changes = watch.changes(stop.signal);
  const ids = async () => ((await changes.next()).value as { id: string }[]).map(({ id }) => id);
  expect(await ids()).toEqual(["1"]);
  watch.begin("2", request, 6);
  expect(await ids()).toEqual(["1", "2"]);
  first.end(ended);
  expect(await ids()).toEqual(["2"]);
  expect(watch.find("1")).toBeUndefined();
  stop.abort();
  expect((await changes.next()).done).toBe(true);
});
