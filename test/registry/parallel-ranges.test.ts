import { expect, test } from "bun:test";
import { chunks, collect, randomBlob, repositoryAt } from "./blobs.ts";
import { CuttingProxy } from "./cutting-proxy.ts";
import { LocalRegistry } from "./local-registry.ts";

const { bytes, descriptor } = randomBlob(40_000_000);

test("Repository fetches a large blob by several ranges at once, and goes on where connections break", async () => {
  await using registry = await LocalRegistry.open();
  await repositoryAt(registry.host, "a").push(descriptor, chunks(bytes));
  await using proxy = await CuttingProxy.open(registry.port);
  const repository = repositoryAt(`127.0.0.1:${proxy.port}`, "a", { rangeConnections: 3 });
  registry.requests.length = 0;
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  const ranges = registry.requests
    .map(({ headers }) => headers.get("range"))
    .filter((range) => range !== null);
  expect(ranges.sort()).toEqual(
    [0, 1, 2, 3, 4].map((n) => `bytes=${n << 23}-${n === 4 ? "" : ((n + 1) << 23) - 1}`).sort(),
  );
  proxy.cutDown = [3_000_000, 5_000_000];
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  expect(proxy.cuts).toBe(2);
  const rest = await collect(await repository.fetch(descriptor, { offset: 1_000_000 }));
  expect(rest.equals(bytes.subarray(1_000_000))).toBe(true);
});

test("Repository takes the whole from a server that knows no ranges, and stops when its reader does", async () => {
  await using registry = await LocalRegistry.open({
    before: async (request, inner) => {
      if (!request.headers.has("range")) return undefined;
      const headers = new Headers(request.headers);
      headers.delete("range");
      const answer = await inner(new Request(request.url, { method: request.method, headers }));
      // A file as a body would be cut to the range by the server under us.
      return new Response(await answer.arrayBuffer(), { status: answer.status });
    },
  });
  await repositoryAt(registry.host, "a").push(descriptor, chunks(bytes));
  const repository = repositoryAt(registry.host, "a", { rangeConnections: 3 });
  registry.requests.length = 0;
  expect((await collect(await repository.fetch(descriptor))).equals(bytes)).toBe(true);
  expect(registry.asked("GET")).toHaveLength(1);
  await using reader = await repository.fetch(descriptor);
  for await (const chunk of reader) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
});
