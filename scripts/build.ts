/** `npm run build`: everything in one executable, `dist/slipway`. */
import { mkdirSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { workerEntrypoints } from "../src/platform/worker.ts";

mkdirSync("dist", { recursive: true });
const { status } = spawnSync(
  "node_modules/.bin/bun",
  [
    ...[
      "build",
      "--compile",
      "--minify-whitespace",
      "--minify-syntax",
      "--bytecode",
      "--root",
      ".",
      "--outfile",
      "dist/slipway",
    ],
    "src/cli/bin.ts",
    ...workerEntrypoints,
  ],
  { stdio: ["ignore", "ignore", "inherit"] },
);
if (status === 0) console.log(`dist/slipway ${(statSync("dist/slipway").size / 1e6).toFixed(0)} MB`);
process.exit(status ?? 1);
