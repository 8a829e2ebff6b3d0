import { expect, test } from "bun:test";
import type { ImageLayer } from "../../../../engine/types/image-layers.ts";
import { lineText, stackLines } from "./stack-lines.ts";

function layer(index: number, createdBy: string): ImageLayer {
  const digests = { DiffID: "", Digest: "", BlobSize: 0, Created: "" };
  return {
    ...digests,
    Index: index,
    CreatedBy: createdBy,
    Size: 0,
    Files: 0,
    Directories: 0,
    Deletes: 0,
    Wasted: 0,
  };
}

function line(createdBy: string) {
  return { Id: "", Created: 0, CreatedBy: createdBy, Tags: null, Size: 0, Comment: "" };
}

test("stackLines() puts each layer beside its line, lines without one between them", () => {
  const history = [line("CMD x"), line("COPY b"), line("ENV A=1"), line("COPY a")];
  expect(stackLines(history, [layer(1, "COPY a"), layer(2, "COPY b")])).toEqual([
    { text: "COPY a", layer: 1 },
    { text: "ENV A=1", layer: undefined },
    { text: "COPY b", layer: 2 },
    { text: "CMD x", layer: undefined },
  ]);
});

test("stackLines() loses no layer that the history does not tell of", () => {
  expect(stackLines([], [layer(1, "")])).toEqual([{ text: "", layer: 1 }]);
});

test("lineText() is the line of the Dockerfile without what builders write around it", () => {
  expect(lineText("RUN /bin/sh -c npm ci # buildkit")).toBe("RUN npm ci");
  expect(lineText('/bin/sh -c #(nop)  CMD ["sh"]')).toBe('CMD ["sh"]');
  expect(lineText("/bin/sh -c apt-get update")).toBe("RUN apt-get update");
});
