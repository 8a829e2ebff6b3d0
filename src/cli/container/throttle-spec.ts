import type { DeviceRequest, ThrottleDevice, WeightDevice } from "../../engine/types/container-config.ts";
import { splitCSV } from "../../dockerfile/split-csv.ts";
import { ramInBytes } from "../../internal/parse-size.ts";

/** `--device-read-bps /dev/sda:1mb`. Throws in Docker's words. Pure. */
export function bytesPerSecond(word: string): ThrottleDevice {
  const [Path, text] = deviceAnd(word);
  const hint =
    "The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb";
  const rate = sizeOf(text);
  if (rate === undefined) throw new Error(`invalid rate for device: ${word}. ${hint}`);
  return { Path, Rate: rate };
}

/** `--device-read-iops /dev/sda:1000`. Throws in Docker's words. Pure. */
export function operationsPerSecond(word: string): ThrottleDevice {
  const [Path, text] = deviceAnd(word);
  const hint = "The correct format is <device-path>:<number>. Number must be a positive integer";
  if (!/^\d+$/.test(text)) throw new Error(`invalid rate for device: ${word}. ${hint}`);
  return { Path, Rate: Number(text) };
}

/** `--blkio-weight-device /dev/sda:500`. Throws in Docker's words. Pure. */
export function weightDevice(word: string): WeightDevice {
  const [Path, text] = deviceAnd(word);
  const weight = /^\d+$/.test(text) ? Number(text) : -1;
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw new Error(`invalid weight for device: ${word}`);
  return { Path, Weight: weight };
}

function deviceAnd(word: string): [path: string, value: string] {
  const at = word.indexOf(":");
  if (at <= 0) throw new Error(`bad format: ${word}`);
  if (!word.startsWith("/dev/")) throw new Error(`bad format for device path: ${word}`);
  return [word.slice(0, at), word.slice(at + 1)];
}

function sizeOf(text: string): number | undefined {
  try {
    return ramInBytes(text);
  } catch {
    return undefined;
  }
}

/** `--gpus all`, `2`, `device=0,1` and CSV of `driver`, `count`, `device`, `capabilities`, `options`. Throws. Pure. */
export function gpuRequest(word: string): DeviceRequest {
  const request: DeviceRequest = { Driver: "", Count: 0, Capabilities: [["gpu"]], Options: {} };
  const seen = new Set<string>();
  for (const field of splitCSV(word)) {
    const at = field.indexOf("=");
    const key = at < 0 ? "count" : field.slice(0, at);
    if (seen.has(key)) throw new Error(`gpu request key '${key}' can be specified only once`);
    seen.add(key);
    setGpuField(request, key, field.slice(at + 1));
  }
  if (!seen.has("count") && !request.DeviceIDs) request.Count = 1;
  return request;
}

function setGpuField(request: DeviceRequest, key: string, value: string): void {
  switch (key) {
    case "driver":
      request.Driver = value;
      return;
    case "count":
      if (value !== "all" && !/^[+-]?\d+$/.test(value))
        throw new Error(`invalid count (${value}): value must be either "all" or an integer`);
      request.Count = value === "all" ? -1 : Number(value);
      return;
    case "device":
      request.DeviceIDs = value.split(",");
      return;
    case "capabilities":
      request.Capabilities = [[...new Set([...value.split(","), "gpu"])]];
      return;
    case "options":
      request.Options = Object.fromEntries(splitCSV(value).map(pairOf));
      return;
    default:
      throw new Error(`unexpected key '${key}' in '${key}=${value}'`);
  }
}

function pairOf(word: string): [string, string] {
  const at = word.indexOf("=");
  return at < 0 ? [word, ""] : [word.slice(0, at), word.slice(at + 1)];
}
