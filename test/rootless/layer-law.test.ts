/** unpack ∘ pack = identity, without the rights of root: in a user namespace that has none outside itself. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const script = join(import.meta.dir, "layer-law.ts");
const why = process.getuid?.() === 0 ? undefined : "it needs root, to map users";
if (why !== undefined) console.log(`skipped: layers without root cannot be tested here: ${why}`);

/** Runs the script as root of a user namespace, with the users 0 to 65535. Undefined when the kernel has none. */
async function inNamespace(directory: string): Promise<string | undefined> {
  // Who is nobody until the maps are written is root, with its rights in the namespace, from the next exec on.
  const words = `echo ready; read go; exec "${process.execPath}" "${script}" "${directory}"`;
  await using child = Bun.spawn(["unshare", "--user", "sh", "-c", words], { stdin: "pipe", stdout: "pipe" });
  const reader = child.stdout.getReader();
  const first = await reader.read();
  if (first.done) return undefined;
  for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${child.pid}/${map}`, "0 0 65536");
  await child.stdin.write("go\n");
  await child.stdin.end();
  const parts: Uint8Array[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value);
  expect(await child.exited).toBe(0);
  return Buffer.concat(parts).toString();
}

test.skipIf(why !== undefined)("layers are packed and unpacked without loss without root", async () => {
  const directory = mkdtempSync(join(tmpdir(), "layer-law-"));
  try {
    const said = await inNamespace(directory);
    if (said === undefined) return console.log("skipped: the kernel makes no user namespaces");
    const { packed, applied, again, devices, trusted } = JSON.parse(said);
    expect([devices, trusted]).toEqual([false, false]);
    expect(applied).toBe(packed.diffID);
    expect(again).toEqual(packed);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
