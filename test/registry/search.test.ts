import { expect, test } from "bun:test";
import { formatListing } from "../../src/cli/format/listing.ts";
import { searchListing } from "../../src/cli/format/listings/search.ts";
import { searchImages } from "../../src/engine/images/search.ts";
import { copy } from "../../src/image/copy.ts";
import { MemoryTarget } from "../../src/image/testing/memory-target.ts";
import { randomImage } from "../../src/image/testing/random-image.ts";
import { LocalRegistry } from "./local-registry.ts";
import { repositoryAt } from "./blobs.ts";

const host = { registries: { retry: { baseMs: 1 } } };
const described = { description: `${"A long word about it. ".repeat(4)}\nThe end.` };

/** As Docker Hub's index answers `GET /v1/search`. */
async function openIndex(): Promise<LocalRegistry> {
  return await LocalRegistry.open({
    before: ({ url }) => {
      const { pathname, searchParams } = new URL(url);
      if (pathname !== "/v1/search") return undefined;
      const results = [
        { name: "small/app", description: "", star_count: 3, is_official: false, is_automated: true },
        { name: "app", ...described, star_count: 120, is_official: true, is_automated: false },
        { name: "mid/app", description: null, star_count: 40, is_official: false, is_automated: false },
      ];
      const page = { num_pages: 1, num_results: 3, page: 1, query: searchParams.get("q"), results };
      return new Response(JSON.stringify(page), { headers: { "content-type": "application/json" } });
    },
  });
}

test("search prints what an index found, most stars first, filtered, limited, cut or whole", async () => {
  await using index = await openIndex();
  const found = await searchImages(host, `${index.host}/app`, {});
  expect(index.asked().filter((line) => line.includes("search"))).toEqual(["GET /v1/search?q=app&n=25"]);
  expect(formatListing(searchListing(false), found, { format: "", quiet: false })).toBe(
    [
      "NAME        DESCRIPTION                                     STARS     OFFICIAL",
      "app         A long word about it. A long word about it. …   120       [OK]",
      "mid/app                                                     40        ",
      "small/app                                                   3         ",
      "",
    ].join("\n"),
  );
  const whole = formatListing(searchListing(true), found, {
    format: "{{.Name}}|{{.Description}}",
    quiet: false,
  });
  expect(whole.split("\n")[0]).toBe(`app|${described.description.replace("\n", " ")}`);
  const names = async (filters: Record<string, string[]>, limit?: number) =>
    (await searchImages(host, `${index.host}/app`, { filters, ...(limit && { limit }) })).map(
      ({ name }) => name,
    );
  expect(await names({ "is-official": ["true"] })).toEqual(["app"]);
  expect(await names({ stars: ["40"] })).toEqual(["app", "mid/app"]);
  expect(await names({}, 1)).toEqual(["small/app"]);
  await expect(names({ stars: ["many"] })).rejects.toMatchObject({ code: "invalid_argument" });
  await expect(names({}, 101)).rejects.toThrow("limit 101 is outside the range of [1, 100]");
});

test("search looks into the catalog of a registry that has no index", async () => {
  await using registry = await LocalRegistry.open();
  const source = new MemoryTarget();
  const image = await randomImage(source.content, { layers: 1 });
  for (const name of ["team/app", "team/other", "apple"])
    await copy(source, image.descriptor, repositoryAt(registry.host, name), "v1");
  const found = await searchImages(host, `${registry.host}/app`, {});
  expect(found.map(({ name }) => name).sort()).toEqual(["apple", "team/app"]);
});
