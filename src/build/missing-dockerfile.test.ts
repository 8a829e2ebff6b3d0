import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingDockerfileHint } from "./missing-dockerfile.ts";

test.each([
  [["Dockerfile"], "Dockerfil", " (did you mean Dockerfile?)"],
  [
    ["Dockerfile.dev", "Dockerfile.dev.dockerignore"],
    "Dockerfile",
    " (there is Dockerfile.dev: name it with -f)",
  ],
  [["api/Dockerfile", "web/x"], "Dockerfile", " (there is one in api/)"],
  [["other"], "Dockerfile", ""],
  [[], "no/such/Dockerfile", ""],
])("missingDockerfileHint() in %j for %s", (files, path, hint) => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-hint-"));
  try {
    for (const file of files) {
      mkdirSync(join(directory, file, ".."), { recursive: true });
      writeFileSync(join(directory, file), "");
    }
    expect(missingDockerfileHint(join(directory, path))).toBe(hint);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
