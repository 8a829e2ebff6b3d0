import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { SlipwayError } from "../errors.ts";
import type { Volume } from "./volume.ts";

/** Mounts a volume's device on `path` with mount(8), unless something is mounted there. Throws `internal` with its words. */
export async function mountVolume(volume: Volume, path: string): Promise<void> {
  if (await isMounted(path)) return;
  const { type = "", device = "", o = "" } = volume.options;
  const options = o === "" ? [] : ["-o", o];
  const said = await run("mount", ["-t", type, ...options, "--", device, path]);
  if (said === undefined) return;
  const what = `error while mounting volume '${path}'`;
  throw new SlipwayError(
    "internal",
    `${what}: failed to mount local volume: mount ${device}:${path}: ${said}`,
  );
}

async function isMounted(path: string): Promise<boolean> {
  const [self, parent] = await Promise.all([stat(path), stat(dirname(path))]);
  return self.dev !== parent.dev;
}

/** What the command complains of; undefined when it went well. */
async function run(file: string, args: readonly string[]): Promise<string | undefined> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return code === 0 ? undefined : said.trim().split("\n")[0];
}
