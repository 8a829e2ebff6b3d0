import { expect, test } from "bun:test";
import { SlipwayError } from "../../errors.ts";
import { parseRetryAfter, retry, retryDelay, TransientError } from "./retry.ts";

test("retry() tries again what may pass, and nothing else", async () => {
  let tries = 0;
  const flaky = async () => {
    tries += 1;
    if (tries < 3) throw new TransientError("busy");
    return tries;
  };
  expect(await retry({ baseMs: 1 }, undefined, flaky)).toBe(3);
  tries = 0;
  await expect(retry({ baseMs: 1, attempts: 2 }, undefined, flaky)).rejects.toThrow("busy");
  let calls = 0;
  const wrong = async () => {
    calls += 1;
    throw new SlipwayError("not_found", "no");
  };
  await expect(retry({ baseMs: 1 }, undefined, wrong)).rejects.toThrow("no");
  expect(calls).toBe(1);
});

test("retry() stops waiting when the signal aborts", async () => {
  const work = async () => {
    throw new TransientError("busy", { retryAfterMs: 30_000 });
  };
  await expect(retry({}, AbortSignal.timeout(20), work)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("retryDelay() grows, obeys Retry-After, and ends", () => {
  const busy = new TransientError("busy");
  expect(retryDelay(busy, 1, { baseMs: 100 })).toBeWithin(50, 100.1);
  expect(retryDelay(busy, 4, { baseMs: 100 })).toBeWithin(400, 800.1);
  expect(retryDelay(busy, 5, {})).toBeUndefined();
  expect(retryDelay(new TransientError("x", { retryAfterMs: 7 }), 1, {})).toBe(7);
  expect(retryDelay(new TransientError("x", { retryAfterMs: 61_000 }), 1, {})).toBeUndefined();
});

test("parseRetryAfter() reads seconds and dates", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(parseRetryAfter("7", now)).toBe(7000);
  expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:05 GMT", now)).toBe(5000);
  expect(parseRetryAfter("Thu, 01 Jan 2025 00:00:05 GMT", now)).toBe(0);
  for (const header of [null, "", "soon", "-3x"]) expect(parseRetryAfter(header, now)).toBeUndefined();
});
