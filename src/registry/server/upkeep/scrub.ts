import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isCode } from "../../../errors.ts";
import { splitDigest, type Digest } from "../../../oci/digest.ts";
import { keys } from "../keys.ts";
import type { StorageDriver } from "../storage-driver.ts";
import { digestsBelow } from "./repository-content.ts";

export interface ScrubOptions {
  /** Reads no faster than this. Default: as fast as it goes. */
  readonly bytesPerSecond?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ScrubReport {
  checked: number;
  bytes: number;
  /** What was not what its name says, and lies in quarantine now: asking for it is answered 404, and it may be pushed anew. */
  readonly corrupt: Digest[];
}

/** Reads every blob and manifest and puts what is corrupt aside. Throws when something cannot be read at all. */
export async function scrubBlobs(storage: StorageDriver, options: ScrubOptions = {}): Promise<ScrubReport> {
  const report: ScrubReport = { checked: 0, bytes: 0, corrupt: [] };
  const pace = new Pace(options);
  for (const digest of await digestsBelow(storage, keys.blobs)) {
    const whole = await verify(storage, digest, report, pace);
    if (whole === undefined) continue;
    report.checked += 1;
    if (whole) continue;
    await storage.move(keys.blob(digest), keys.quarantine(digest));
    report.corrupt.push(digest);
  }
  return report;
}

/** Undefined when it was taken away meanwhile. */
async function verify(
  storage: StorageDriver,
  digest: Digest,
  report: ScrubReport,
  pace: Pace,
): Promise<boolean | undefined> {
  const { algorithm, hex } = splitDigest(digest);
  const hash = createHash(algorithm);
  try {
    for await (const chunk of storage.read(keys.blob(digest))) {
      hash.update(chunk);
      report.bytes += chunk.length;
      await pace.spent(chunk.length);
    }
  } catch (error) {
    if (isCode(error, "cancelled") || (await storage.size(keys.blob(digest))) !== undefined) throw error;
    return undefined;
  }
  return hash.digest("hex") === hex;
}

class Pace {
  readonly #rate: number | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #start = performance.now();
  #bytes = 0;

  constructor({ bytesPerSecond, signal }: ScrubOptions) {
    this.#rate = bytesPerSecond;
    this.#signal = signal;
  }

  async spent(bytes: number): Promise<void> {
    this.#signal?.throwIfAborted();
    if (this.#rate === undefined) return;
    this.#bytes += bytes;
    const ahead = (this.#bytes / this.#rate) * 1000 - (performance.now() - this.#start);
    if (ahead > 5) await sleep(ahead, undefined, this.#signal ? { signal: this.#signal } : {});
  }
}
