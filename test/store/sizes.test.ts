import { afterAll, beforeAll, expect, test } from "bun:test";
import { Lab } from "./lab.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
}, 60_000);
afterAll(async () => await lab[Symbol.asyncDispose](), 60_000);

test("images and history show the bytes of a layer's files, whatever they take on disk", async () => {
  await lab.build("sizes", "FROM scratch\nCOPY a /a\nWORKDIR /deep/er\nCOPY b c ./\nENV x=y\n", {
    a: "x".repeat(71),
    b: 4097,
    c: 1,
  });
  const rows = await lab.ok("history", "--human=false", "--format", "json", "sizes");
  const sizes = rows
    .trim()
    .split("\n")
    .map((row) => (JSON.parse(row) as { Size: string }).Size);
  expect(sizes).toEqual(["0", "4098", "0", "71"]);
  expect((await lab.engine.images.list()).map(({ Size }) => Size)).toEqual([4169]);
  expect((await lab.engine.images.inspect("sizes")).Size).toBe(4169);
  expect(await lab.ok("images")).toContain("4.17kB");
}, 60_000);

test("Sizes stay when an image is saved, removed and loaded again", async () => {
  await lab.ok("save", "-o", lab.path("sizes.tar"), "sizes");
  await lab.ok("rmi", "sizes");
  await lab.ok("load", "-i", lab.path("sizes.tar"));
  expect((await lab.engine.images.inspect("sizes")).Size).toBe(4169);
}, 60_000);
