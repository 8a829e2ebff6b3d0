import { expect, test } from "bun:test";
import { readTar } from "../../../layer/tar/tar-reader.ts";
import { firstFile, writeTar } from "./tar.ts";

async function* chunks(blob: Blob): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(await blob.arrayBuffer());
}

test("writeTar() makes an archive that the engine reads, whatever the names are", async () => {
  const names = ["plain.txt", "é.txt", `${"long".repeat(40)}.bin`, "<b>&.html"];
  const archive = writeTar(names.map((name, at) => ({ name, content: new Blob(["x".repeat(at * 700)]) })));
  const found: [string, number][] = [];
  for await (const { header, content } of readTar(chunks(archive))) {
    let size = 0;
    for await (const part of content) size += part.length;
    found.push([header.name, size]);
  }
  expect(found).toEqual(names.map((name, at) => [name, at * 700]));
});

test("firstFile() takes the file out of an archive", async () => {
  const archive = writeTar([{ name: "é", content: new Blob(["content"]) }]);
  expect(await (await firstFile(archive)).text()).toBe("content");
  expect(firstFile(new Blob([new Uint8Array(1024)]))).rejects.toThrow("no file");
});
