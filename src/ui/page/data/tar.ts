const block = 512;

/** A file to put into an archive. */
export interface TarFile {
  readonly name: string;
  readonly content: Blob;
}

/**
 * An archive of regular files (POSIX ustar, with pax records for names and sizes that do not fit), readable by all,
 * writable by their owner, who is root.
 */
export function writeTar(files: readonly TarFile[]): Blob {
  const parts: BlobPart[] = [];
  for (const { name, content } of files) {
    const long = new TextEncoder().encode(name).length > 100 || /[^\u0020-\u007e]/.test(name);
    if (long) {
      const record = paxRecord("path", name);
      parts.push(header("PaxHeader", record.length, "x"), record, padding(record.length));
    }
    parts.push(header(long ? "file" : name, content.size, "0"), content, padding(content.size));
  }
  return new Blob([...parts, new Uint8Array(2 * block)]);
}

/** The first regular file of an archive. Throws an Error when there is none. */
export async function firstFile(archive: Blob): Promise<Blob> {
  for (let at = 0; at + block <= archive.size;) {
    const head = new Uint8Array(await archive.slice(at, at + block).arrayBuffer());
    if (head[0] === 0) break;
    const type = String.fromCharCode(head[156] ?? 0);
    const size = sizeOf(head);
    if (type === "0" || type === "\0") return archive.slice(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
  }
  throw new Error("There is no file in what the engine sent");
}

/** Octal, or for eight GiB and more the bytes themselves, the top bit set. */
function sizeOf(head: Uint8Array): number {
  const field = head.subarray(124, 136);
  if (((field[0] ?? 0) & 0x80) !== 0) return field.subarray(4).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.parseInt(new TextDecoder().decode(field).replace(/[\0 ]/g, "") || "0", 8);
}

function header(name: string, size: number, type: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(block);
  const put = (text: string, at: number) => bytes.set(new TextEncoder().encode(text), at);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, "0")}\0`;
  put(name, 0);
  put(octal(0o644, 8), 100);
  put(octal(0, 8), 108);
  put(octal(0, 8), 116);
  put(octal(Math.min(size, 8 ** 11 - 1), 12), 124);
  put(octal(Math.floor(Date.now() / 1000), 12), 136);
  put("        ", 148);
  put(type, 156);
  put("ustar\x0000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}

/** `LENGTH key=value\n`, the length counting itself. */
function paxRecord(key: string, value: string): Uint8Array<ArrayBuffer> {
  const rest = new TextEncoder().encode(` ${key}=${value}\n`).length;
  let length = rest + 1;
  while (String(length).length + rest !== length) length = String(length).length + rest;
  return new TextEncoder().encode(`${length} ${key}=${value}\n`);
}

function padding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((block - (size % block)) % block);
}
