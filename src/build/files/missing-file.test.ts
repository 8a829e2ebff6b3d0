import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingFileHint } from "./missing-file.ts";
import { parseIgnore } from "./parse-ignore.ts";

const root = mkdtempSync(join(tmpdir(), "slipway-missing-"));
mkdirSync(join(root, "src"));
for (const name of ["package.json", "secret", "src/index.js"]) writeFileSync(join(root, name), "");
symlinkSync("src", join(root, "lib"));
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ["package.jsn", "COPY package.jsn .", " (did you mean package.json?)"],
  ["src/idnex.js", "COPY src/idnex.js .", " (did you mean index.js?)"],
  ["lib/index.jss", "COPY lib/index.jss .", " (did you mean index.js?)"],
  ["scr/index.js", "COPY scr/index.js .", " (did you mean src?)"],
  ["secret", "COPY secret .", " (left out by .dockerignore)"],
  ["secrett", "COPY secrett .", ""],
  ["other/x", "COPY ../other/x .", " (no path leads out of the context)"],
  ["package.json/x", "COPY package.json/x .", ""],
  ["nothing/near/this", "COPY nothing/near/this .", ""],
])("missingFileHint(%s) of %s is %s", (path, written, hint) => {
  expect(missingFileHint({ root, ignore: parseIgnore("secret") }, path, written)).toBe(hint);
});
