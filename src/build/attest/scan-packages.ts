import { lstatSync, readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SlipwayError } from "../../errors.ts";
import { resolvePath } from "../files/resolve-path.ts";
import { parseApk } from "./parse-apk.ts";
import { parseDpkg } from "./parse-dpkg.ts";
import { parseNpm } from "./parse-npm.ts";
import type { FoundPackage } from "./spdx.ts";

/** Larger is no list of packages. */
const maxFile = 64 << 20;
/** Directories that are looked through for npm's packages. */
const maxDirectories = 200_000;
const skipped = new Set(["proc", "sys", "dev"]);

/**
 * The packages in the filesystem below `root`: Debian's (also those of images without dpkg), Alpine's, and npm's wherever a
 * `node_modules` is. No link leads out of `root`; what cannot be read as a list of packages has none.
 */
export async function scanPackages(root: string, signal: AbortSignal): Promise<FoundPackage[]> {
  const distribution = distributionOf(
    read(root, "/etc/os-release") ?? read(root, "/usr/lib/os-release") ?? "",
  );
  const dpkg = ["/var/lib/dpkg/status", ...(await namesIn(root, "/var/lib/dpkg/status.d"))]
    .filter((path) => !path.endsWith(".md5sums"))
    .flatMap((path) => parseDpkg(read(root, path) ?? "", distribution));
  const apk = parseApk(read(root, "/lib/apk/db/installed") ?? "", distribution);
  return [...dpkg, ...apk, ...(await npmPackages(root, signal))];
}

/** `debian-12`, of os-release (freedesktop.org, "os-release"). */
function distributionOf(text: string): { readonly id: string; readonly version: string } {
  const value = (name: string): string =>
    new RegExp(`^${name}=["']?([^"'\n]*)["']?$`, "m").exec(text)?.[1] ?? "";
  return { id: value("ID"), version: value("VERSION_ID") };
}

function read(root: string, path: string): string | undefined {
  try {
    const file = `${root}/${resolvePath({ root }, path)}`;
    const stat = lstatSync(file);
    return stat.isFile() && stat.size <= maxFile ? readFileSync(file, "utf8") : undefined;
  } catch (error) {
    if (error instanceof SlipwayError) return undefined;
    throw error;
  }
}

async function namesIn(root: string, path: string): Promise<string[]> {
  try {
    const names = await readdir(`${root}/${resolvePath({ root }, path)}`);
    return names.sort().map((name) => `${path}/${name}`);
  } catch {
    return [];
  }
}

/** Walks real directories only. */
async function npmPackages(root: string, signal: AbortSignal): Promise<FoundPackage[]> {
  const found: FoundPackage[] = [];
  const open = [""];
  for (let seen = 0; open.length > 0 && seen < maxDirectories; seen += 1) {
    signal.throwIfAborted();
    const at = open.pop() ?? "";
    const entries = await readdir(join(root, at), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = at === "" ? entry.name : `${at}/${entry.name}`;
      if (entry.isDirectory() && !(at === "" && skipped.has(entry.name))) open.push(path);
      const isPackage = entry.isFile() && entry.name === "package.json";
      if (!isPackage || !/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/.test(at)) continue;
      const one = parseNpm(readPlain(join(root, path)) ?? "", `/${path}`);
      if (one !== undefined) found.push(one);
    }
  }
  return found.sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

function readPlain(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size <= maxFile ? readFileSync(file, "utf8") : undefined;
}
