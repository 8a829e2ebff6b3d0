import { afterAll, beforeAll, expect, test } from "bun:test";
import { errorMessage } from "../../src/errors.ts";
import { LocalRegistry } from "../registry/local-registry.ts";
import { busyboxBase, Lab } from "./lab.ts";

let lab: Lab;
let registry: LocalRegistry;
let image = "";
beforeAll(async () => {
  [lab, registry] = [await Lab.open(), await LocalRegistry.open()];
  image = `${registry.host}/app:1`;
  const dockerfile = `${busyboxBase}COPY a /a\nCOPY b /b\nCMD ["/bin/cat", "/a"]\n`;
  await lab.build(image, dockerfile, { a: "works", b: 400_000 });
  await lab.ok("push", "-q", image);
  await lab.ok("rmi", image);
  await lab.ok("builder", "prune", "-af");
}, 60_000);
afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await lab[Symbol.asyncDispose]();
}, 60_000);

async function pull(): Promise<void> {
  for await (const _line of lab.engine.images.pull(image));
}

const isWhole = async () => expect((await lab.engine.store.check()).Problems).toEqual([]);

test("pulls and removals of one image at the same time never break it", async () => {
  for (let round = 0; round < 8; round += 1) {
    const remove = async (after: number) => {
      await Bun.sleep(after);
      await lab.engine.images.remove(image, { force: true }).catch((error: unknown) => {
        expect(errorMessage(error)).toContain("No such image");
      });
    };
    await Promise.all([pull(), pull(), remove(round * 10), remove(round * 15), pull()]);
    await isWhole();
  }
  await pull();
  expect(await lab.ok("run", "--rm", image)).toContain("works");
}, 60_000);

test("two pulls of one image fetch each blob once", async () => {
  await lab.ok("rmi", "-f", image);
  await lab.engine.images.prune({ filters: { dangling: ["false"] } });
  registry.requests.length = 0;
  await Promise.all([pull(), pull(), pull()]);
  const fetched = registry.asked("GET").filter((path) => path.includes("/blobs/"));
  expect(new Set(fetched).size).toBe(fetched.length);
}, 30_000);

test("builds go through while everything unused is pruned all the time", async () => {
  const stop = new AbortController();
  const pruning = (async () => {
    let rounds = 0;
    for (; !stop.signal.aborted; rounds += 1) {
      await lab.engine.builds.prune({ all: true });
      await lab.engine.images.prune({ filters: { dangling: ["false"] } });
    }
    return rounds;
  })();
  try {
    for (let round = 0; round < 6; round += 1) {
      const dockerfile = `${busyboxBase}COPY a /a\nRUN echo ${round} > /round && cat /a > /b\n`;
      const build = lab.build(`round-${round}`, dockerfile, { a: `content ${round}` });
      expect(await build).toStartWith("sha256:");
    }
  } finally {
    stop.abort();
  }
  expect(await pruning).toBeGreaterThan(3);
  await isWhole();
}, 60_000);

test("looking into images while they come and go gives an answer or not_found", async () => {
  const look = async () => {
    for (let count = 0; count < 10; count += 1) {
      await lab.engine.store.layers(image).catch(() => undefined);
      await lab.engine.store.explain();
    }
  };
  const change = async () => {
    for (let count = 0; count < 6; count += 1) {
      await pull();
      await lab.engine.images.remove(image, { force: true }).catch(() => undefined);
    }
  };
  await Promise.all([look(), change()]);
  await isWhole();
}, 60_000);
