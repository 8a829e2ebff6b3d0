/** Checks the layering table: a file of `src/` imports only from a lower rank, or from its own folder. */
import { readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

const ranks: Record<string, number> = {
  "errors.ts": 0,
  "errors.test.ts": 0,
  internal: 0,
  platform: 0,
  oci: 1,
  dockerfile: 1,
  content: 2,
  layer: 2,
  snapshot: 2,
  state: 2,
  image: 3,
  "registry/client": 3,
  "registry/server": 3,
  runtime: 3,
  network: 3,
  volume: 3,
  build: 4,
  engine: 5,
  api: 6,
  client: 6,
  testing: 6,
  "ui/page": 7,
  "ui/server": 7,
  "index.ts": 7,
  "testing.ts": 7,
  cli: 8,
};

/** Rank 0 is one house: `internal/` and `platform/` use `errors.ts`, and `platform/` uses `internal/`. */
function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  const rankFrom = ranks[from] ?? -1;
  const rankTo = ranks[to] ?? 99;
  if (rankFrom === 0 && rankTo === 0) return from !== "errors.ts";
  return rankTo < rankFrom;
}

function folderOf(file: string): string {
  const known = Object.keys(ranks).filter((folder) => file === folder || file.startsWith(`${folder}/`));
  return known.sort((a, b) => b.length - a.length)[0] ?? file;
}

const problems: string[] = [];
for (const file of new Bun.Glob("**/*.{ts,tsx}").scanSync("src")) {
  const isTest = /\.(test|contract)\.tsx?$/.test(file);
  const text = readFileSync(join("src", file), "utf8");
  const from = folderOf(file);
  if (ranks[from] === undefined) problems.push(`src/${file}: its folder has no rank`);
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)) {
    const target = match[1] ?? "";
    if (/^bun(:|$)/.test(target) && target !== "bun:test" && from !== "platform") {
      problems.push(`src/${file}: "${target}" is for platform/ alone`);
    }
    // JSON is data, and has no rank: the version stands in package.json.
    if (!target.startsWith(".") || target.endsWith(".json")) continue;
    const to = folderOf(relative("src", normalize(join("src", dirname(file), target))));
    if (!isTest && !mayImport(from, to)) problems.push(`src/${file}: ${from} may not import ${to}`);
  }
  if (from !== "platform" && !isTest && /\bBun\./.test(text))
    problems.push(`src/${file}: "Bun." is for platform/ alone`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
