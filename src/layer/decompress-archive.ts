import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SlipwayError } from "../errors.ts";
import type { ByteStream } from "../oci/call-options.ts";
import { decompress } from "./decompress.ts";

/** What a program of the host unpacks, by the first bytes. */
const programs: readonly (readonly [program: string, magic: string])[] = [
  ["xz", "fd377a585a00"],
  ["bzip2", "425a68"],
];
const headLength = 6;

/**
 * The bytes of an archive that may have come compressed as a whole: gzip and zstd as {@link decompress} has them, xz and
 * bzip2 by programs of the host. Throws `invalid_argument` for damaged data, `unavailable` without the program.
 */
export async function* decompressArchive(input: ByteStream): AsyncGenerator<Uint8Array, void, void> {
  const chunks = input[Symbol.asyncIterator]();
  const first = await firstBytes(chunks);
  const head = first.subarray(0, headLength).toString("hex");
  const program = programs.find(([, magic]) => head.startsWith(magic))?.[0];
  const whole = prepended(first, chunks);
  yield* program === undefined ? decompress(whole) : unpackedBy(program, whole);
}

async function* unpackedBy(program: string, input: ByteStream): AsyncGenerator<Uint8Array, void, void> {
  const child = spawn(program, ["-dc"], { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (data: Buffer) => (said = (said + data.toString()).slice(0, 1000)));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", (cause) => reject(cannotRun(program, cause)));
    child.on("close", resolve);
  });
  // A program that stops in the middle says why at its end; a source that fails is what is told.
  const fed = pipeline(Readable.from(input, { objectMode: false }), child.stdin).then(
    () => undefined,
    (error: unknown) => error,
  );
  ended.catch(() => {});
  try {
    for await (const chunk of child.stdout) yield chunk as Uint8Array;
    const code = await ended;
    const failure = await fed;
    if (failure instanceof SlipwayError) throw failure;
    if (code !== 0)
      throw new SlipwayError("invalid_argument", `Cannot unpack the ${program} archive: ${said.trim()}`);
  } finally {
    child.kill("SIGKILL");
  }
}

function cannotRun(program: string, cause: Error): Error {
  if ((cause as NodeJS.ErrnoException).code !== "ENOENT") return cause;
  const what = `Cannot unpack a ${program} archive: the program "${program}" is not installed on this machine`;
  return new SlipwayError("unavailable", what, { cause });
}

async function firstBytes(chunks: AsyncIterator<Uint8Array>): Promise<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  while (held.length < headLength) {
    const step = await chunks.next();
    if (step.done === true) break;
    held = Buffer.concat([held, step.value]);
  }
  return held;
}

async function* prepended(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (first.length > 0) yield first;
    for (let step = await rest.next(); step.done !== true; step = await rest.next()) yield step.value;
  } finally {
    await rest.return?.();
  }
}
