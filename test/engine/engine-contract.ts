import { afterAll, beforeAll, describe } from "bun:test";
import type { Engine } from "../../src/engine/engine.ts";
import { buildContract } from "./contract/builds.ts";
import { containerContract } from "./contract/containers.ts";
import { execContract } from "./contract/execs.ts";
import { hostContract } from "./contract/host.ts";
import { imageContract } from "./contract/images.ts";
import { lifecycleContract } from "./contract/lifecycle.ts";
import { networkContract } from "./contract/networks.ts";
import { systemContract } from "./contract/system.ts";
import { volumeContract } from "./contract/volumes.ts";
import { makeBusybox } from "./lab.ts";

/** An engine under test; `busybox` is among its images. */
export interface Subject extends AsyncDisposable {
  readonly engine: Engine;
  readonly root: string;
}

/** What every `Engine` does, whoever does it. `open`: on a root of its own. */
export function engineContract(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let subject: Subject | undefined;
    const get = (): Subject => {
      if (subject === undefined) throw new Error("no engine");
      return subject;
    };
    beforeAll(async () => {
      subject = await open();
      await makeBusybox(subject.engine, subject.root);
    });
    afterAll(async () => await subject?.[Symbol.asyncDispose]());
    containerContract(() => get().engine);
    lifecycleContract(() => get().engine);
    execContract(() => get().engine);
    hostContract(get);
    imageContract(get);
    networkContract(() => get().engine);
    volumeContract(() => get().engine);
    buildContract(get);
    systemContract(get);
  });
}
