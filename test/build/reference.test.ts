/**
 * The Dockerfile reference, sentence by sentence: what it promises, tried on a real build. The corpus beside it compares
 * whole images; here stands what a reader of the reference may rely on.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ImageRunConfig } from "../../src/oci/image-config.ts";
import { BuildHarness, output } from "./harness.ts";
import { languageRows } from "./reference/language.ts";
import { stageRows } from "./reference/stages-and-steps.ts";
import { copyRows } from "./reference/copies.ts";
import { configurationRows } from "./reference/configuration.ts";

setDefaultTimeout(60_000);

let harness: BuildHarness;
let count = 0;

beforeAll(async () => {
  harness = await BuildHarness.open();
});

afterAll(async () => {
  await harness[Symbol.asyncDispose]();
});

const rows = [...languageRows, ...stageRows, ...copyRows, ...configurationRows];

test.each(rows.map((row) => [row.promise, row] as const))("%s", async (_promise, row) => {
  const directory = harness.directory(`reference-${(count += 1)}`);
  for (const [name, text] of Object.entries(row.files ?? {})) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  row.prepare?.(directory);
  const context = { kind: "directory", path: directory } as const;
  const request = { context, dockerfile: { text: `${row.lines.join("\n")}\n` }, ...row.more };
  const built = await harness.build(request).catch((error: Error) => error);
  row.after?.(directory);
  if (built instanceof Error) return expect(built.message).toMatch(row.fails ?? /^it does not fail$/);
  expect(row.fails).toBeUndefined();
  const printed = output(built.events);
  if (typeof row.prints === "string") expect(printed).toBe(row.prints);
  else if (row.prints !== undefined) expect(printed).toMatch(row.prints);
  const { config = {}, author } = built.config;
  for (const [name, value] of Object.entries(row.config ?? {}))
    expect({ [name]: config[name as keyof ImageRunConfig] }).toEqual({ [name]: value });
  expect(author).toBe(row.author as string);
});
