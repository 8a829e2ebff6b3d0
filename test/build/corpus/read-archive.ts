/** What is in a docker archive, found with tar alone: the files its layers come to, its configuration, its history. */
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface BuiltImage {
  /** By path: kind, mode, owner, and content. No times. */
  readonly files: ReadonlyMap<string, string>;
  readonly config: Readonly<Record<string, unknown>>;
  /** `created_by` of each entry; one without a layer in brackets. */
  readonly history: readonly string[];
}

interface ImageDocument {
  readonly config?: Record<string, unknown>;
  readonly history?: readonly { readonly created_by?: string; readonly empty_layer?: boolean }[];
}

/** Unpacks below `scratch`, which must not be there, and removes it. Needs root. */
export function readArchive(archive: string, scratch: string): BuiltImage {
  try {
    const [unpacked, root] = [join(scratch, "archive"), join(scratch, "root")];
    for (const directory of [unpacked, root]) mkdirSync(directory, { recursive: true });
    tar("-xf", archive, "-C", unpacked);
    const read = (path: string): unknown => JSON.parse(readFileSync(join(unpacked, path), "utf8"));
    const [image] = read("manifest.json") as [{ Config: string; Layers: string[] }];
    for (const layer of image.Layers) applyLayer(join(unpacked, layer), root);
    const { config = {}, history = [] } = read(image.Config) as ImageDocument;
    return {
      files: listFiles(root),
      config,
      history: history.map(({ created_by = "", empty_layer }) =>
        empty_layer === true ? `(${created_by})` : created_by,
      ),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function tar(...args: string[]): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["tar", "--numeric-owner", ...args]);
  if (exitCode !== 0) throw new Error(`tar ${args.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
}

/** Whiteouts first: they are about the layers below (image-spec, layer.md, "Whiteouts"). */
function applyLayer(layer: string, root: string): void {
  for (const name of tar("-tf", layer).split("\n")) {
    const [directory, base] = [join(root, dirname(name)), basename(name)];
    if (base === ".wh..wh..opq")
      for (const inside of readdirSync(directory)) rmSync(join(directory, inside), { recursive: true });
    else if (base.startsWith(".wh."))
      rmSync(join(directory, base.slice(4)), { recursive: true, force: true });
  }
  tar("-xpf", layer, "-C", root, "--same-owner", "--exclude=.wh.*");
}

function listFiles(root: string): Map<string, string> {
  const files = new Map<string, string>();
  const visit = (path: string): void => {
    for (const name of readdirSync(join(root, path)).sort()) {
      const [inside, full] = [join(path, name), join(root, path, name)];
      const stat = lstatSync(full);
      const mode = (stat.mode & 0o7777).toString(8);
      const owner = `${stat.uid}:${stat.gid}`;
      if (stat.isSymbolicLink()) files.set(inside, `link ${owner} ${readlinkSync(full)}`);
      else if (stat.isDirectory()) files.set(inside, `directory ${mode} ${owner}`);
      else if (stat.isFile())
        files.set(
          inside,
          `file ${mode} ${owner} ${createHash("sha256").update(readFileSync(full)).digest("hex")}`,
        );
      else files.set(inside, `${stat.isFIFO() ? "fifo" : `device ${stat.rdev}`} ${mode} ${owner}`);
      if (stat.isDirectory()) visit(inside);
    }
  };
  visit("/");
  return files;
}
