import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "bun:test";
import { eraseCredentials, listCredentials, resolveCredentials, storeCredentials } from "./docker-config.ts";

async function inDirectory(work: (path: string, directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "docker-config-"));
  try {
    await work(join(directory, "docker", "config.json"), directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

test("storeCredentials() writes what Docker writes, for its owner alone", async () => {
  await inDirectory(async (path) => {
    await storeCredentials(path, "docker.io", { username: "ann", password: "se:cret" });
    await storeCredentials(path, "localhost:5000", { username: "bob", identitytoken: "token" });
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
      auths: {
        "https://index.docker.io/v1/": { auth: Buffer.from("ann:se:cret").toString("base64") },
        "localhost:5000": { auth: Buffer.from("bob:").toString("base64"), identitytoken: "token" },
      },
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await resolveCredentials(path, "docker.io")).toEqual({ username: "ann", password: "se:cret" });
    expect(await resolveCredentials(path, "localhost:5000")).toMatchObject({ identitytoken: "token" });
    expect(Object.keys(await listCredentials(path))).toEqual([
      "https://index.docker.io/v1/",
      "localhost:5000",
    ]);
  });
});

test("eraseCredentials() forgets one login and keeps the rest of the file", async () => {
  await inDirectory(async (path) => {
    await storeCredentials(path, "a:5000", { username: "ann", password: "x" });
    await writeFile(
      path,
      JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), detachKeys: "ctrl-x" }),
    );
    expect(await eraseCredentials(path, "a:5000")).toBe(true);
    expect(await eraseCredentials(path, "a:5000")).toBe(false);
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({ auths: {}, detachKeys: "ctrl-x" });
  });
});

test("resolveCredentials() finds keys that are URLs, and nothing in no file", async () => {
  await inDirectory(async (path, directory) => {
    expect(await resolveCredentials(path, "docker.io")).toBeUndefined();
    const file = join(directory, "config.json");
    const auth = Buffer.from("ann:x").toString("base64");
    await writeFile(file, JSON.stringify({ auths: { "https://reg.test/v1/": { auth }, "empty.test": {} } }));
    expect(await resolveCredentials(file, "reg.test")).toEqual({ username: "ann", password: "x" });
    expect(await resolveCredentials(file, "empty.test")).toBeUndefined();
    await writeFile(file, "not json with a secret");
    await expect(resolveCredentials(file, "reg.test")).rejects.toThrow(
      `Cannot read the credentials in "${file}": not a JSON object`,
    );
  });
});

test("credential helpers are asked for the servers they keep", async () => {
  await inDirectory(async (path, directory) => {
    const program = join(directory, "docker-credential-slipwaytest");
    const kept = join(directory, "kept");
    await writeFile(
      program,
      `#!/bin/sh
case "$1" in
  store) cat > ${kept};;
  get) cat > /dev/null; test -f ${kept} && cat ${kept} || { echo "credentials not found in native keychain"; exit 1; };;
  erase) rm -f ${kept};;
esac
`,
    );
    await chmod(program, 0o755);
    const before = process.env.PATH;
    process.env.PATH = `${directory}:${before}`;
    try {
      const file = join(directory, "config.json");
      await writeFile(file, JSON.stringify({ credHelpers: { "reg.test": "slipwaytest" } }));
      expect(await resolveCredentials(file, "reg.test")).toBeUndefined();
      await storeCredentials(file, "reg.test", { username: "ann", password: "secret" });
      expect(await readFile(file, "utf8")).not.toContain(Buffer.from("ann:secret").toString("base64"));
      expect(await resolveCredentials(file, "reg.test")).toEqual({ username: "ann", password: "secret" });
      await storeCredentials(file, "reg.test", { identitytoken: "token" });
      expect(await resolveCredentials(file, "reg.test")).toEqual({ identitytoken: "token" });
      await eraseCredentials(file, "reg.test");
      expect(await resolveCredentials(file, "reg.test")).toBeUndefined();
      await writeFile(file, JSON.stringify({ credsStore: "../../bin/sh" }));
      await expect(resolveCredentials(file, "reg.test")).rejects.toThrow("Invalid credential helper");
      await writeFile(file, JSON.stringify({ credsStore: "notinstalled" }));
      await expect(resolveCredentials(file, "reg.test")).rejects.toMatchObject({ code: "unavailable" });
    } finally {
      process.env.PATH = before;
    }
  });
});
