import { SlipwayError } from "../../errors.ts";
import type { PageFile } from "../../platform/page-files.ts";
import { icon } from "./icon.ts";

const types: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  woff2: "font/woff2",
  txt: "text/plain; charset=utf-8",
};

/** The page's files by name. Their names change with their content, so browsers keep them. */
export class Assets {
  readonly script: string;
  readonly style: string;
  readonly font: string | undefined;
  readonly #files: ReadonlyMap<string, PageFile>;

  /** Throws `internal` when script or style is missing. */
  constructor(files: readonly PageFile[]) {
    const find = (pattern: RegExp) => files.find(({ name }) => pattern.test(name))?.name;
    const [script, style] = [find(/^main-.*\.js$/), find(/^main-.*\.css$/)];
    if (script === undefined || style === undefined)
      throw new SlipwayError("internal", "The page's files are missing in this program");
    this.script = script;
    this.style = style;
    this.font = find(/\.woff2$/);
    this.#files = new Map(files.map((file) => [file.name, file]));
  }

  /** undefined: there is no such file. */
  answer(name: string): Response | undefined {
    if (name === "icon.svg") return svg(icon);
    const file = this.#files.get(name);
    if (file === undefined) return undefined;
    const type = types[name.replace(/^.*\./, "")] ?? "application/octet-stream";
    return new Response(file.bytes as Uint8Array<ArrayBuffer>, {
      headers: {
        "Content-Type": type,
        "Cache-Control": "public, max-age=31536000, immutable",
        ...(file.gzip && { "Content-Encoding": "gzip" }),
      },
    });
  }
}

function svg(text: string): Response {
  return new Response(text, {
    headers: { "Content-Type": "image/svg+xml", "Cache-Control": "public, max-age=86400" },
  });
}
