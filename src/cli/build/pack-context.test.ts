import { afterEach, beforeEach, expect, test } from "bun:test";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readTar } from "../../layer/tar/tar-reader.ts";
import { packContext } from "./pack-context.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "slipway-context-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(join(directory, path, ".."), { recursive: true });
  writeFileSync(join(directory, path), text);
}

async function packed(dockerfile: string | undefined): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { header, content } of readTar(packContext(directory, dockerfile))) {
    const parts: Uint8Array[] = [];
    for await (const chunk of content) parts.push(Buffer.from(chunk));
    found[header.name] = header.linkname || Buffer.concat(parts).toString();
    expect([header.uid, header.gid]).toEqual([0, 0]);
  }
  return found;
}

test("packContext() leaves out what is ignored, but never the Dockerfile and the .dockerignore", async () => {
  put("ops/Dockerfile", "FROM scratch");
  put("ops/notes", "x");
  put(".dockerignore", "**\n!src\nsrc/*.log");
  put("src/a b.txt", "a");
  put("src/a.log", "l");
  put("node_modules/x/y", "y");
  expect(await packed("ops/Dockerfile")).toEqual({
    ".dockerignore": "**\n!src\nsrc/*.log",
    "ops/": "",
    "ops/Dockerfile": "FROM scratch",
    "src/": "",
    "src/a b.txt": "a",
  });
  put("ops/Dockerfile.dockerignore", "ops\nsrc\nnode_modules");
  expect(Object.keys(await packed("ops/Dockerfile"))).toEqual([
    ".dockerignore",
    "ops/",
    "ops/Dockerfile",
    "ops/Dockerfile.dockerignore",
  ]);
});

test("packContext() keeps links, names of any length, and files larger than a chunk", async () => {
  const long = `${"d".repeat(90)}/${"f".repeat(200)}`;
  put(long, "x".repeat(700_000));
  utimesSync(join(directory, long), 1.5, 1.5);
  linkSync(join(directory, long), join(directory, "z"));
  symlinkSync("../out", join(directory, "up"));
  expect(await packed(undefined)).toEqual({
    [`${"d".repeat(90)}/`]: "",
    [long]: "x".repeat(700_000),
    up: "../out",
    z: long,
  });
});
