/**
 * `npm run build`: everything in one executable, `dist/slipway`, and the library for Node and Bun, `dist/index.js` and
 * `dist/testing.js` with their types.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { bundlePage, embeddedName } from "../src/platform/page-files.ts";
import { workerEntrypoints } from "../src/platform/worker.ts";

mkdirSync("dist", { recursive: true });

// A command loads only its own part of the program, already compiled.
const parts = ["--splitting", "--format=esm", "--bytecode", "--minify-whitespace", "--minify-syntax"];
// Files of the directory it is started in are none of its business.
const alone = ["--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig"];
const place = ["--root", ".", "--outfile", "dist/slipway"];
// The page's files are embedded as they are, under their own names.
const embed = ["--asset-naming=[name].[ext]", ...(await writePage())];
const entries = ["src/cli/bin.ts", ...workerEntrypoints, ...embed];
run("bun", ["build", "--compile", ...parts, ...alone, ...place, ...entries]);
for (const file of new Bun.Glob("library-*.js").scanSync("dist")) rmSync(`dist/${file}`);
// Together, so that both know the same classes.
const library = ["--splitting", "--outdir", "dist", "--chunk-naming=library-[hash].js"];
run("bun", ["build", "--target=node", "--format=esm", ...library, "src/index.ts", "src/testing.ts"]);
run("tsc", ["-p", "tsconfig.lib.json"]);
console.log(`dist/slipway ${(statSync("dist/slipway").size / 1e6).toFixed(0)} MB, dist/index.js`);

async function writePage(): Promise<string[]> {
  rmSync("dist/page", { recursive: true, force: true });
  mkdirSync("dist/page");
  return (await bundlePage(".")).map((file) => {
    const path = `dist/page/${embeddedName(file)}`;
    writeFileSync(path, file.bytes);
    return path;
  });
}

function run(tool: string, args: string[]): void {
  const { status } = spawnSync(`node_modules/.bin/${tool}`, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) process.exit(status ?? 1);
}
