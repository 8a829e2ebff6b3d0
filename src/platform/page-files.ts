/**
 * The files of the page: inside the compiled executable they are embedded, gzip-compressed, under their names; from
 * source the bundler makes them when they are first wanted. On Node, a directory made by the build stands in.
 */
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";

/** A file as a browser gets it. `gzip`: its bytes are compressed. */
export interface PageFile {
  /** Without a directory, with a hash of its content: `main-3k2j1h.js`. */
  readonly name: string;
  readonly gzip: boolean;
  readonly bytes: Uint8Array;
}

const bundledPackages = [
  "preact",
  "@preact/signals",
  "@preact/signals-core",
  "@xterm/xterm",
  "@xterm/addon-fit",
  "uplot",
  "@fontsource-variable/inter",
];
const prefix = "page.";
/** The page's styles name it `/assets/inter-5.woff2`: the bundler would put it into the style sheet. */
const font = "node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2";
const entries = ["src/ui/page/main.tsx", "src/ui/page/style/main.css"];

/** Every file of the page. Throws `internal` when the source does not bundle. */
export async function pageFiles(): Promise<PageFile[]> {
  const embedded = (Bun.embeddedFiles as readonly (Blob & { readonly name: string })[]).filter(({ name }) =>
    name.startsWith(prefix),
  );
  if (embedded.length === 0) return await bundlePage(join(import.meta.dir, "../.."));
  return await Promise.all(
    embedded.map(async (file) => {
      const name = file.name.slice(prefix.length);
      const gzip = name.endsWith(".gz");
      const bytes = new Uint8Array(await file.arrayBuffer());
      return { name: gzip ? name.slice(0, -3) : name, gzip, bytes };
    }),
  );
}

/** Bundles the page's source below `root`. The font is compressed as it is. */
export async function bundlePage(root: string): Promise<PageFile[]> {
  const built = await Bun.build({
    entrypoints: entries.map((entry) => join(root, entry)),
    target: "browser",
    format: "esm",
    splitting: true,
    minify: true,
    naming: { entry: "[name]-[hash].[ext]", chunk: "part-[hash].[ext]", asset: "[name]-[hash].[ext]" },
    publicPath: "/assets/",
    external: ["/assets/*"],
    define: { "process.env.NODE_ENV": '"production"' },
  }).catch((error: unknown) => {
    throw new SlipwayError("internal", `Cannot bundle the page: ${String(error)}`, { cause: error });
  });
  const bundled = built.outputs.map(async (output) => {
    const bytes = gzipSync(new Uint8Array(await output.arrayBuffer()), { level: 9 });
    return { name: output.path.replace(/^.*\//, ""), gzip: true, bytes };
  });
  const inter = { name: "inter-5.woff2", gzip: false, bytes: await readFile(join(root, font)) };
  return [...(await Promise.all(bundled)), inter, await licences(root)];
}

/** Of all that is in the bundle and not our own. */
async function licences(root: string): Promise<PageFile> {
  const texts = bundledPackages.map(
    async (name) => `${name}\n\n${await readFile(join(root, "node_modules", name, "LICENSE"), "utf8")}`,
  );
  const bytes = gzipSync((await Promise.all(texts)).join("\n\n----\n\n"), { level: 9 });
  return { name: "licences.txt", gzip: true, bytes };
}

/** Under which name the build embeds a file. */
export function embeddedName({ name, gzip }: PageFile): string {
  return `${prefix}${name}${gzip ? ".gz" : ""}`;
}
