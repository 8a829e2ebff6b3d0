import type { MkdirRequest } from "../files/copy-request.ts";
import { cacheKeyOf, type OpHandler } from "../op-handler.ts";
import { openStepRoot, type RootSource } from "../step-root.ts";
import type { MkdirOp } from "../vertex.ts";
import { inputPart } from "./input-part.ts";

/** WORKDIR: the directory with its parents, mode 0755, owned by root. What is there already stays as it is. */
export function mkdirHandler(parts: RootSource): OpHandler<MkdirOp> {
  return {
    cacheKey: (op, inputKeys, { vertex }) =>
      Promise.resolve(
        cacheKeyOf([
          { kind: "operation", name: "mkdir", value: op.path },
          ...inputPart(op.base, inputKeys, vertex),
        ]),
      ),
    async exec(op, inputs, { signal }) {
      const parent = op.base === undefined ? undefined : inputs[op.base]?.snapshot;
      await using root = await openStepRoot(parts, parent);
      const request: MkdirRequest = { kind: "mkdir", root: root.path, path: op.path };
      await parts.files.run(request, { signal });
      return { snapshot: await root.commit() };
    },
  };
}
