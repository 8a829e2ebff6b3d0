import { createHash } from "node:crypto";
import { constants, copyFileSync, createWriteStream, mkdirSync, rmSync, utimesSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { SlipwayError } from "../../errors.ts";
import { cacheKeyOf, type OpHandler, type StepContext } from "../op-handler.ts";
import { redactUrl } from "../plan/redact-url.ts";
import { openStepRoot, type RootSource } from "../step-root.ts";
import { placeInFile, type DownloadOp } from "../vertex.ts";
import type { WebAccess } from "../web-access.ts";
import { openDownload } from "./open-download.ts";

/** What an address held when it was last asked. */
export interface Remembered {
  readonly digest: string;
  readonly etag: string;
}

export interface DownloadParts extends RootSource {
  /** Where files wait between being keyed and being put into a snapshot. */
  readonly directory: DownloadDirectory;
  /** Shared by all builds of an engine. */
  readonly remembered: Map<string, Remembered>;
  readonly web: WebAccess;
}

/** The directory of one build's downloads. Dispose removes it. */
export class DownloadDirectory implements Disposable {
  readonly #path: string;

  constructor(parent: string) {
    this.#path = `${parent}/downloads-${crypto.randomUUID()}`;
  }

  newFile(): string {
    mkdirSync(this.#path, { recursive: true, mode: 0o700 });
    return `${this.#path}/${crypto.randomUUID()}`;
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { recursive: true, force: true });
  }
}

interface Fetched {
  readonly digest: string;
  /** Undefined: the server said that it is what it was. */
  readonly path?: string;
  /** Seconds since the epoch. */
  readonly modified?: number;
}

/** More addresses than this are not remembered. */
const maxRemembered = 1000;

/**
 * ADD of an address. Keyed by what the file holds, so it is fetched for every build; a server that gives an ETag is
 * asked whether it changed, and a `--checksum` spares the question.
 */
export function downloadHandler(parts: DownloadParts): OpHandler<DownloadOp> {
  const fetched = new Map<string, Promise<Fetched>>();
  const fetchOnce = (op: DownloadOp, context: StepContext): Promise<Fetched> => {
    const known = fetched.get(op.url);
    if (known !== undefined) return known;
    const asked = ask(parts, op, context);
    fetched.set(op.url, asked);
    return asked;
  };
  return {
    async cacheKey(op, _inputKeys, context) {
      const digest = op.checksum ?? (await fetchOnce(op, context)).digest;
      return cacheKeyOf([
        { kind: "operation", name: "download", value: op.name },
        { kind: "files", name: redactUrl(op.url), value: digest },
      ]);
    },
    async exec(op, _inputs, context) {
      await using root = await openStepRoot(parts, undefined);
      const path = `${root.path}/${op.name}`;
      const before = op.checksum === undefined ? await fetchOnce(op, context) : { digest: op.checksum };
      if (before.path !== undefined) copyFileSync(before.path, path, constants.COPYFILE_FICLONE);
      const { modified = 0 } =
        before.path === undefined
          ? await download(op, path, context, { wanted: before.digest, web: parts.web })
          : before;
      utimesSync(path, modified, modified);
      return { snapshot: await root.commit() };
    },
  };
}

async function ask(parts: DownloadParts, op: DownloadOp, context: StepContext): Promise<Fetched> {
  const { remembered, directory } = parts;
  const before = remembered.get(op.url);
  const fetched = await download(op, directory.newFile(), context, { before, web: parts.web });
  if (remembered.size >= maxRemembered) remembered.clear();
  if (fetched.etag !== undefined) remembered.set(op.url, { digest: fetched.digest, etag: fetched.etag });
  return fetched;
}

/** `wanted`: what the file must turn out to be. `before`: what needs no fetching when it is still so. */
async function download(
  op: DownloadOp,
  path: string,
  context: StepContext,
  {
    wanted,
    before,
    web,
  }: {
    readonly wanted?: string;
    readonly before?: Remembered | undefined;
    readonly web: WebAccess;
  },
): Promise<Fetched & { readonly etag?: string }> {
  try {
    const { body, total, isUnchanged, ...about } = await openDownload(op.url, {
      signal: context.signal,
      etag: before?.etag,
      web,
    });
    if (isUnchanged && before !== undefined) return before;
    const [algorithm = "sha256"] = (wanted ?? "sha256").split(":");
    const hash = createHash(algorithm);
    let size = 0;
    const counted = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of body) {
        hash.update(chunk);
        size += chunk.length;
        context.progress(op.name, size, total);
        yield chunk;
      }
    };
    await pipeline(counted, createWriteStream(path, { mode: 0o600 }), { signal: context.signal });
    if (total !== undefined && size !== total)
      throw new SlipwayError("unavailable", `it ended after ${size} of ${total} bytes`);
    const digest = `${algorithm}:${hash.digest("hex")}`;
    if (wanted !== undefined && digest !== wanted)
      throw new SlipwayError("invalid_argument", `digest mismatch ${digest}: ${wanted}`);
    return { digest, path, ...about };
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw failed(op, context, error as Error);
  }
}

function failed(op: DownloadOp, { vertex }: StepContext, cause: Error): SlipwayError {
  const place = placeInFile(vertex);
  const prefix = place === undefined ? "" : `${place}: `;
  const code = cause instanceof SlipwayError ? cause.code : "unavailable";
  return new SlipwayError(code, `${prefix}Cannot download "${redactUrl(op.url)}": ${cause.message}`, {
    cause,
  });
}
