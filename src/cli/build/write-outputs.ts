import { createWriteStream, mkdirSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { BuiltImage } from "../../build/builder.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import { isDigest, type Digest } from "../../oci/digest.ts";
import { parseReference, repositoryName } from "../../oci/reference.ts";
import { ExitError, type CliContext } from "../command.ts";
import { unpackLocal } from "../copy/local-tree.ts";
import { registryAuth } from "../registry/auth.ts";
import type { BuildOutput } from "./build-outputs.ts";
import type { LayerCompression } from "./compression.ts";

/** What a build made, as far as outputs need to know it. */
export interface OutputImage {
  /** What the engine knows it by: an ID, or a name for an index. */
  readonly name: string;
  /** The names the user gave. */
  readonly tags: readonly string[];
  /** The image of each platform. */
  readonly images: readonly BuiltImage[];
  readonly compression: LayerCompression | undefined;
}

/** What a registry has of it: layers are compressed for a push, so its manifest is another than the store's. */
export interface PushedManifest {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Brings a built image where `--output` and `--push` want it. Gives what was pushed, if anything was. Throws what the
 * engine throws.
 */
export async function writeOutputs(
  outputs: readonly BuildOutput[],
  image: OutputImage,
  context: CliContext,
): Promise<PushedManifest | undefined> {
  let pushed: PushedManifest | undefined;
  if (outputs.length === 0) return pushed;
  const engine = await context.engine();
  for (const output of outputs) pushed = (await writeOutput(output, image, engine, context)) ?? pushed;
  return pushed;
}

async function writeOutput(
  output: BuildOutput,
  image: OutputImage,
  engine: Engine,
  context: CliContext,
): Promise<PushedManifest | undefined> {
  const { signal } = context;
  switch (output.type) {
    case "local":
      await writeLocal(output, image, engine, signal);
      return undefined;
    case "tar":
      await write(await engine.files.exportImage(onlyImage(image), { signal }), output.dest, context);
      return undefined;
    case "oci":
    case "docker": {
      const references = output.names ?? image.tags;
      const archive = await engine.images.save([image.name], { references, signal });
      if (output.isDirectory === true) await unpackInto(archive, output.dest);
      else await write(archive, output.dest, context);
      return undefined;
    }
    case "store":
    case "cacheonly":
      return undefined;
    case "push":
      return await push(output, image, engine, context);
  }
}

/** `linux_arm64` for each of several platforms, as in BuildKit. */
async function writeLocal(
  { dest, isSplit }: Extract<BuildOutput, { type: "local" }>,
  { images }: OutputImage,
  engine: Engine,
  signal: AbortSignal,
): Promise<void> {
  for (const { id, platform } of images) {
    const own = (isSplit ?? images.length > 1) ? join(dest, platform.replaceAll("/", "_")) : dest;
    await unpackInto(await engine.files.exportImage(id, { signal }), own);
  }
}

function onlyImage({ images: [first, second] }: OutputImage): string {
  if (first === undefined || second !== undefined)
    throw new ExitError(
      1,
      "ERROR: failed to build: a tar holds the files of one platform; use type=local or type=oci for several",
    );
  return first.id;
}

async function unpackInto(files: ByteStream, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await unpackLocal(files, directory, { owner: ownUser() });
}

/** Files are the user's own, as Docker writes them; only root could give them away. */
function ownUser(): { uid: number; gid: number } | undefined {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** A file appears under its name only when it is whole. */
async function write(content: ByteStream, dest: string, { stdout }: CliContext): Promise<void> {
  if (dest === "-") {
    if (stdout.isTTY)
      throw new ExitError(
        1,
        "ERROR: failed to build: dest file is required: refusing to write to a terminal",
      );
    return await pipeline(content, stdout, { end: false });
  }
  const part = `${dest}.part-${process.pid}`;
  try {
    await pipeline(content, createWriteStream(part));
    await rename(part, dest);
  } finally {
    await rm(part, { force: true });
  }
}

async function push(
  { name, byDigest = false }: Extract<BuildOutput, { type: "push" }>,
  image: OutputImage,
  engine: Engine,
  context: CliContext,
): Promise<PushedManifest | undefined> {
  const reference = parseReference(name);
  const auth = await registryAuth(context, reference.domain);
  const isPlain = image.compression === "uncompressed";
  const options = {
    signal: context.signal,
    ...(auth !== undefined && { auth }),
    ...(isPlain && { compression: "none" as const }),
    ...(byDigest && { image: image.name }),
  };
  let pushed: PushedManifest | undefined;
  const to = byDigest ? repositoryName(reference) : name;
  for await (const { aux } of engine.images.push(to, options)) pushed = manifestOf(aux) ?? pushed;
  return pushed;
}

function manifestOf(aux: unknown): PushedManifest | undefined {
  const { Digest: digest, Size: size } = (aux ?? {}) as { Digest?: unknown; Size?: unknown };
  return typeof digest === "string" && isDigest(digest) && typeof size === "number"
    ? { digest, size }
    : undefined;
}
