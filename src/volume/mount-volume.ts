import { spawn } from "node:child_process";
import { basename, dirname } from "node:path";
import { SlipwayError } from "../errors.ts";
import {
  AT_FDCWD,
  closeFd,
  O_DIRECTORY,
  O_PATH,
  openAt,
  openConfined,
  RESOLVE_NO_XDEV,
} from "../platform/fd.ts";
import { errnoOf } from "../platform/syscall-error.ts";
import type { Volume } from "./volume.ts";

/** Mounts a volume's device on `path` with mount(8), unless something is mounted there. Throws `internal` with its words. */
export async function mountVolume(volume: Volume, path: string): Promise<void> {
  if (isMounted(path)) return;
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

/** By the way there, not by the device: what is bound may lie on the same one. */
function isMounted(path: string): boolean {
  const parent = openAt(AT_FDCWD, dirname(path), O_PATH | O_DIRECTORY);
  try {
    closeFd(openConfined(parent, basename(path), O_PATH | O_DIRECTORY, RESOLVE_NO_XDEV));
    return false;
  } catch (error) {
    if (errnoOf(error) === "EXDEV") return true;
    throw error;
  } finally {
    closeFd(parent);
  }
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
