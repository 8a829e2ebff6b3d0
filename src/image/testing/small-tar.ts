const block = 512;

/** A ustar archive of plain files with fixed metadata, built by hand so that tests do not check our writer with itself. */
export function smallTar(files: readonly { name: string; content: Uint8Array }[]): Uint8Array {
  const parts = files.flatMap(({ name, content }) => [
    header(name, content.length),
    content,
    new Uint8Array((block - (content.length % block)) % block),
  ]);
  return Buffer.concat([...parts, new Uint8Array(2 * block)]);
}

/** POSIX ustar (pax(1), "ustar Interchange Format"). */
function header(name: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0);
  bytes.write("0000644\0", 100);
  bytes.write("0000000\0", 108);
  bytes.write("0000000\0", 116);
  bytes.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  bytes.write("14600000000\0", 136);
  bytes.write("        ", 148);
  bytes.write("0", 156);
  bytes.write("ustar\u000000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}
