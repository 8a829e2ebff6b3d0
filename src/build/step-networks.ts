import type { ExecParts, StepNetwork } from "./ops/exec.ts";
import type { ExecOp } from "./vertex.ts";

/**
 * The networks of one build's steps. Making one and taking it apart takes as long as a small step, so a step that has
 * ended leaves its own to the next: no process is left in it, and none had the right to change it. Dispose gives them
 * all back; idempotent.
 */
export class StepNetworks implements AsyncDisposable {
  readonly #make: ExecParts["networkFor"];
  readonly #idle = new Map<ExecOp["network"], StepNetwork[]>();
  #closing: Promise<void> | undefined;

  constructor(make: ExecParts["networkFor"]) {
    this.#make = make;
  }

  readonly take: ExecParts["networkFor"] = async (mode, options) => {
    const network = this.#idle.get(mode)?.pop() ?? (await this.#make(mode, options));
    const { namespace, resolvConf, hosts, hostGateway } = network;
    let isTaken = true;
    const giveBack = async (): Promise<void> => {
      if (!isTaken) return;
      isTaken = false;
      if (this.#closing !== undefined) return await network[Symbol.asyncDispose]();
      this.#idle.set(mode, [...(this.#idle.get(mode) ?? []), network]);
    };
    return { namespace, resolvConf, hosts, hostGateway, [Symbol.asyncDispose]: giveBack };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const all = [...this.#idle.values()].flat();
    this.#idle.clear();
    const ended = await Promise.allSettled(all.map((network) => network[Symbol.asyncDispose]()));
    const failed = ended.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
