export interface OutputText {
  readonly text: string;
  readonly isError: boolean;
}

/**
 * Takes a container's output apart: without a terminal each piece has eight bytes before it, the stream's number and
 * the length (Engine API, "Stream format"). Characters that are cut between pieces come whole.
 */
export function outputDecoder(tty: boolean): (chunk: Uint8Array) => OutputText[] {
  const decoders = { out: new TextDecoder(), err: new TextDecoder() };
  const decode = (bytes: Uint8Array, isError: boolean): OutputText => ({
    text: decoders[isError ? "err" : "out"].decode(bytes, { stream: true }),
    isError,
  });
  if (tty) return (chunk) => [decode(chunk, false)];
  let held = new Uint8Array();
  return (chunk) => {
    const bytes = joined(held, chunk);
    const texts: OutputText[] = [];
    let at = 0;
    while (bytes.length - at >= 8) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at);
      const length = view.getUint32(4);
      if (bytes.length - at - 8 < length) break;
      texts.push(decode(bytes.subarray(at + 8, at + 8 + length), view.getUint8(0) === 2));
      at += 8 + length;
    }
    held = bytes.slice(at);
    return texts;
  };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
