import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSecrets } from "./build-secrets.ts";

const base64 = (text: string): string => Buffer.from(text).toString("base64");

test("readSecrets() reads files and variables", () => {
  const directory = mkdtempSync(join(tmpdir(), "slipway-secrets-"));
  try {
    const file = join(directory, "npmrc");
    writeFileSync(file, "from file");
    const env = { TOKEN: "from env", plain: "by id" };
    const words = [
      `id=a,src=${file}`,
      `type=file,id=b,source=${file}`,
      "id=c,env=TOKEN",
      "id=d,type=env,src=TOKEN",
      "id=plain",
    ];
    expect(readSecrets(words, env)).toEqual({
      a: base64("from file"),
      b: base64("from file"),
      c: base64("from env"),
      d: base64("from env"),
      plain: base64("by id"),
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

test("readSecrets() refuses what is incomplete, unknown or not there", () => {
  expect(() => readSecrets(["src=/x"], {})).toThrow("id is missing");
  expect(() => readSecrets(["id=a,mode=1"], {})).toThrow("unexpected key 'mode'");
  expect(() => readSecrets(["id=a,type=vault"], {})).toThrow('unsupported secret type "vault"');
  expect(() => readSecrets(["id=a,env=NONE"], {})).toThrow('secret a: the variable "NONE" is not set');
  expect(() => readSecrets(["id=a,src=/no/such/file"], {})).toThrow(
    "failed to stat /no/such/file: stat /no/such/file: no such file or directory (secret a)",
  );
});
