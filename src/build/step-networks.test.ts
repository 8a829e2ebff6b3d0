import { expect, test } from "bun:test";
import type { ExecParts } from "./ops/exec.ts";
import { StepNetworks } from "./step-networks.ts";

/** Makes networks with numbers, and says which are there. */
function counted(): { make: ExecParts["networkFor"]; open: Set<string> } {
  const open = new Set<string>();
  let made = 0;
  const make: ExecParts["networkFor"] = (mode) => {
    const path = `${mode}-${(made += 1)}`;
    open.add(path);
    const gone = (): Promise<void> => Promise.resolve(void open.delete(path));
    const files = { resolvConf: "", hosts: "", hostGateway: "" };
    return Promise.resolve({ namespace: { path }, ...files, [Symbol.asyncDispose]: gone });
  };
  return { make, open };
}

const options = { signal: new AbortController().signal };

test("StepNetworks lends one network to step after step, others to steps beside it, and gives all back", async () => {
  const { make, open } = counted();
  const networks = new StepNetworks(make);
  const first = await networks.take("default", options);
  const beside = await networks.take("default", options);
  const none = await networks.take("none", options);
  expect([...open]).toEqual(["default-1", "default-2", "none-3"]);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  const next = await networks.take("default", options);
  expect(next.namespace).toEqual({ path: "default-1" });
  await beside[Symbol.asyncDispose]();
  await none[Symbol.asyncDispose]();
  await networks[Symbol.asyncDispose]();
  expect([...open]).toEqual(["default-1"]);
  // What comes back late goes at once.
  await next[Symbol.asyncDispose]();
  expect([...open]).toEqual([]);
  await networks[Symbol.asyncDispose]();
});
