import { expect, test } from "bun:test";
import { filteredSnapshots, type CacheItem } from "./cache-items.ts";
import type { Filters } from "./filters.ts";

function item(ID: string, more: Partial<CacheItem["item"]> = {}): CacheItem {
  const times = { CreatedAt: "", LastUsedAt: null, UsageCount: 0, Size: 0 };
  const facts = { InUse: false, Shared: false, Description: `RUN ${ID}`, Type: "regular" } as const;
  return { snapshot: `of ${ID}`, item: { ID, ...times, ...facts, ...more } };
}

const items = [item("aaa"), item("aab", { Parents: ["aaa"], Shared: true }), item("bbb", { InUse: true })];

function chosen(filters: Filters): string[] {
  return [...filteredSnapshots(items, filters)].map((snapshot) => snapshot.slice("of ".length));
}

test("filteredSnapshots() chooses by id, parent, type, description and what a result is", () => {
  expect(chosen({})).toEqual(["aaa", "aab", "bbb"]);
  expect(chosen({ id: ["aa"] })).toEqual(["aaa", "aab"]);
  expect(chosen({ id: ["aab", "bbb"] })).toEqual(["aab", "bbb"]);
  expect(chosen({ parent: ["aaa"] })).toEqual(["aab"]);
  expect(chosen({ type: ["regular"] })).toHaveLength(3);
  expect(chosen({ type: ["source.local"] })).toEqual([]);
  expect(chosen({ description: ["bbb"] })).toEqual(["bbb"]);
  expect(chosen({ shared: [""] })).toEqual(["aab"]);
  expect(chosen({ private: ["true"] })).toEqual(["aaa", "bbb"]);
  expect(chosen({ inuse: ["false"], private: ["1"] })).toEqual(["aaa"]);
  expect(chosen({ mutable: ["true"] })).toEqual([]);
});

test("filteredSnapshots() refuses what it does not know", () => {
  expect(() => chosen({ colour: ["red"] })).toThrow("invalid filter 'colour'");
  expect(() => chosen({ shared: ["maybe"] })).toThrow("invalid filter 'shared=[maybe]'");
});
