import { createHash } from "node:crypto";
import { createWriteStream, mkdirSync, rmSync, utimesSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { SlipwayError } from "../../errors.ts";
import { cacheKeyOf, type OpHandler, type StepContext } from "../op-handler.ts";
import { openStepRoot, type RootSource } from "../step-root.ts";
import { placeInFile, type DownloadOp } from "../vertex.ts";
import { openDownload } from "./open-download.ts";

/** What an address held when it was last asked. */
export interface Remembered {
  readonly digest: string;
  readonly etag: string;
}

export interface DownloadParts extends RootSource {
  /** Where files wait between being keyed and being put into a snapshot. */
  readonly scratchDir: string;
  /** Shared by all builds of an engine. */
  readonly remembered: Map<string, Remembered>;
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
 * asked whether it changed, and a `--checksum` that is known spares the question.
 */
export function downloadHandler(parts: DownloadParts): OpHandler<DownloadOp> {
  return {
    async cacheKey(op, _inputKeys, context) {
      const digest = op.checksum ?? (await fetchOnce(parts, op, context)).digest;
      return cacheKeyOf([
        { kind: "operation", name: "download", value: op.name },
        { kind: "files", name: op.url, value: digest },
      ]);
    },
    async exec(op, _inputs, context) {
      await using root = await openStepRoot(parts, undefined);
      const path = `${root.path}/${op.name}`;
      const { digest, modified = 0 } = await download(op, path, context);
      if (op.checksum !== undefined && op.checksum !== digest)
        throw failed(op, context, `digest mismatch ${digest}: ${op.checksum}`);
      utimesSync(path, modified, modified);
      return { snapshot: await root.commit() };
    },
  };
}

/** Asks what the address holds. The file itself is thrown away: most often the step is a hit. */
async function fetchOnce(parts: DownloadParts, op: DownloadOp, context: StepContext): Promise<Fetched> {
  const { remembered, scratchDir } = parts;
  const before = remembered.get(op.url);
  const path = `${scratchDir}/download-${crypto.randomUUID()}`;
  mkdirSync(scratchDir, { recursive: true, mode: 0o700 });
  try {
    const fetched = await download(op, path, context, before);
    if (remembered.size >= maxRemembered) remembered.clear();
    if (fetched.etag !== undefined) remembered.set(op.url, { digest: fetched.digest, etag: fetched.etag });
    return fetched;
  } finally {
    rmSync(path, { force: true });
  }
}

async function download(
  op: DownloadOp,
  path: string,
  context: StepContext,
  before?: Remembered,
): Promise<Fetched & { readonly etag?: string }> {
  try {
    const { body, total, etag, modified, isUnchanged } = await openDownload(op.url, {
      signal: context.signal,
      etag: before?.etag,
    });
    if (isUnchanged && before !== undefined) return before;
    const hash = createHash((op.checksum ?? "sha256").replace(/:.*/, ""));
    let size = 0;
    const counted = async function* (): AsyncIterable<Uint8Array> {
      for await (const chunk of body) {
        hash.update(chunk);
        size += chunk.length;
        context.progress(op.name, size, total);
        yield chunk;
      }
    };
    await pipeline(counted, createWriteStream(path, { mode: 0o600, flags: "wx" }), {
      signal: context.signal,
    });
    const digest = `${(op.checksum ?? "sha256").replace(/:.*/, "")}:${hash.digest("hex")}`;
    return { digest, path, ...(etag !== undefined && { etag }), ...(modified !== undefined && { modified }) };
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw failed(op, context, (error as Error).message, error);
  }
}

function failed(op: DownloadOp, { vertex }: StepContext, reason: string, cause?: unknown): SlipwayError {
  const place = placeInFile(vertex);
  const message = `${place === undefined ? "" : `${place}: `}Cannot download "${op.url}": ${reason}`;
  return new SlipwayError("invalid_argument", message, { cause });
}
