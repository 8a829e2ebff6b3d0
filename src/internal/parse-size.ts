import { SlipwayError } from "../errors.ts";

const sizePattern = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?) ?([a-zA-Z]*)$/;
const suffixPattern = /^(?:b|([kmgtp])(?:b|ib)?)?$/;
const exponents: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/** `32.5kB` to bytes in powers of 1000. Throws `invalid_argument`; negative sizes are refused. */
export function parseSize(text: string): number {
  return parse(text, 1000);
}

/** `512m` to bytes in powers of 1024, as `--memory` and `--shm-size` take it. Throws `invalid_argument`. */
export function ramInBytes(text: string): number {
  return parse(text, 1024);
}

function parse(text: string, base: number): number {
  const match = sizePattern.exec(text);
  const size = Number(match?.[1]);
  if (match === null || Number.isNaN(size) || size < 0)
    throw new SlipwayError("invalid_argument", `invalid size: '${text}'`);
  const suffix = (match[2] ?? "").toLowerCase();
  const unit = suffixPattern.exec(suffix);
  if (unit === null) throw new SlipwayError("invalid_argument", `invalid suffix: '${match[2] ?? ""}'`);
  const bytes = Math.trunc(size * base ** (unit[1] === undefined ? 0 : (exponents[unit[1]] ?? 0)));
  if (bytes > 2 ** 63) throw new SlipwayError("invalid_argument", `invalid size: '${text}': out of range`);
  return bytes === 0 ? 0 : bytes;
}
