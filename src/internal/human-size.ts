const decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];

/**
 * A number of bytes as Docker shows it, in powers of 1000: `1.049MB`. `precision` is the number of significant
 * digits: 4 by default, 3 where Docker lists images and containers.
 */
export function humanSize(bytes: number, precision = 4): string {
  return scaled(bytes, 1000, decimalUnits, precision);
}

/** A number of bytes in powers of 1024, as `docker stats` and `docker info` show memory: `1.5GiB`. */
export function binarySize(bytes: number, precision = 4): string {
  return scaled(bytes, 1024, binaryUnits, precision);
}

function scaled(bytes: number, base: number, units: readonly string[], precision: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit += 1;
  }
  return significant(size, precision) + (units[unit] ?? "");
}

/** Go's `%.<n>g`: no trailing zeros, and `1e+03` where the digits do not reach to the point. */
function significant(value: number, precision: number): string {
  const [mantissa = "", exponent] = value.toPrecision(precision).split("e");
  const hasZeros = mantissa.endsWith("0") && mantissa.includes(".");
  const digits = hasZeros ? mantissa.replace(/\.?0+$/, "") : mantissa;
  if (exponent === undefined) return digits;
  return `${digits}e${exponent.slice(0, 1)}${exponent.slice(1).padStart(2, "0")}`;
}
