import { createWriteStream, mkdirSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { Engine } from "../../engine/engine.ts";
import type { ByteStream } from "../../oci/call-options.ts";
import { parseReference } from "../../oci/reference.ts";
import { ExitError, type CliContext } from "../command.ts";
import { unpackLocal } from "../copy/local-tree.ts";
import { registryAuth } from "../registry/auth.ts";
import type { BuildOutput } from "./build-outputs.ts";

/** Brings a built image where `--output` and `--push` want it. Throws what the engine throws. */
export async function writeOutputs(
  outputs: readonly BuildOutput[],
  image: { readonly id: string; readonly tags: readonly string[] },
  context: CliContext,
): Promise<void> {
  if (outputs.length === 0) return;
  const engine = await context.engine();
  for (const output of outputs) await writeOutput(output, image, engine, context);
}

async function writeOutput(
  output: BuildOutput,
  { id, tags }: { readonly id: string; readonly tags: readonly string[] },
  engine: Engine,
  context: CliContext,
): Promise<void> {
  const { signal } = context;
  switch (output.type) {
    case "local":
      return await withFiles(engine, id, signal, async (files) => {
        mkdirSync(output.dest, { recursive: true });
        await unpackLocal(files, output.dest, { owner: ownUser() });
      });
    case "tar":
      return await withFiles(engine, id, signal, (files) => write(files, output.dest, context));
    case "oci":
    case "docker":
      return await write(
        await engine.images.save(tags.length > 0 ? tags : [id], { signal }),
        output.dest,
        context,
      );
    case "image":
      return await engine.images.tag(id, output.name, { signal });
    case "push":
      return await push(output.name, engine, context);
  }
}

/** A container that is never started gives the files of the image. */
async function withFiles(
  engine: Engine,
  image: string,
  signal: AbortSignal,
  use: (files: ByteStream) => Promise<void>,
): Promise<void> {
  const { Id } = await engine.containers.create({ Image: image, Cmd: ["/"], Entrypoint: [] }, { signal });
  try {
    await use(await engine.files.export(Id, { signal }));
  } finally {
    await engine.containers.remove(Id, { force: true });
  }
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

async function push(name: string, engine: Engine, context: CliContext): Promise<void> {
  const auth = await registryAuth(context, parseReference(name).domain);
  const { signal } = context;
  for await (const _line of engine.images.push(name, { signal, ...(auth !== undefined && { auth }) }));
}
