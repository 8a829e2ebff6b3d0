import { expect, test } from "bun:test";
import { squarify } from "./squarify.ts";

test("squarify() gives each item the area of its share, inside the whole and without overlap", () => {
  const sizes = [50, 30, 10, 5, 3, 2];
  const tiles = squarify(sizes, (size) => size, 1.6);
  for (const { item, x, y, width, height } of tiles) {
    expect(width * height).toBeCloseTo(item / 100, 6);
    expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
    expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1.000001);
  }
  for (const a of tiles)
    for (const b of tiles) {
      const overlap = (at: "x" | "y", size: "width" | "height") =>
        Math.min(a[at] + a[size], b[at] + b[size]) - Math.max(a[at], b[at]);
      if (a !== b) expect(Math.min(overlap("x", "width"), overlap("y", "height"))).toBeLessThan(1e-9);
    }
});

test("squarify() leaves out what has no size, and bears that nothing has", () => {
  expect(squarify([0, 4], (size) => size, 1).map(({ item }) => item)).toEqual([4]);
  expect(squarify([0, 0], (size) => size, 1)).toEqual([]);
});
