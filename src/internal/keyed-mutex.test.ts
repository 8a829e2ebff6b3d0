import { expect, test } from "bun:test";
import { KeyedMutex } from "./keyed-mutex.ts";

test("KeyedMutex.lock() gives up its place when aborted, and those behind it go on in their order", async () => {
  const mutex = new KeyedMutex();
  const first = await mutex.lock("k");
  const stop = new AbortController();
  const waiting = mutex.lock("k", { signal: stop.signal }).then(
    () => "locked",
    () => "aborted",
  );
  let isThird = false;
  const third = mutex.lock("k").then((lock) => ((isThird = true), lock));
  stop.abort();
  expect(await waiting).toBe("aborted");
  expect(isThird).toBe(false);
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  using _free = await mutex.lock("k", { signal: new AbortController().signal });
});
