import { openEngine } from "../../src/engine/local-engine.ts";
import { engineContract } from "./engine-contract.ts";
import { configOf, newRoot, uninstall } from "./lab.ts";

engineContract("LocalEngine", async () => {
  const root = newRoot();
  const engine = await openEngine(configOf(root));
  return {
    engine,
    root,
    [Symbol.asyncDispose]: async () => {
      await engine[Symbol.asyncDispose]();
      await uninstall(root);
    },
  };
});
