import type { MkdirRequest } from "../files/copy-request.ts";
import { cacheKeyOf, type OpHandler } from "../op-handler.ts";
import { openStepRoot, type RootSource } from "../step-root.ts";
import type { MkdirOp } from "../vertex.ts";
import { resolveOwner } from "./resolve-owner.ts";
import { inputPart } from "./input-part.ts";

/** WORKDIR: the directory with its parents, mode 0755, owned by the stage's user. What is there stays as it is. */
export function mkdirHandler(parts: RootSource): OpHandler<MkdirOp> {
  return {
    cacheKey: (op, inputKeys, { vertex }) =>
      Promise.resolve(
        cacheKeyOf([
          { kind: "operation", name: "mkdir", value: op.path },
          ...(op.user === undefined ? [] : [{ kind: "option", name: "user", value: op.user } as const]),
          ...inputPart(op.base, inputKeys, vertex),
        ]),
      ),
    async exec(op, inputs, { signal }) {
      const parent = op.base === undefined ? undefined : inputs[op.base]?.snapshot;
      await using root = await openStepRoot(parts, parent);
      const owner = op.user === undefined ? undefined : resolveOwner(root.path, op.user);
      const request: MkdirRequest = { kind: "mkdir", root: root.path, path: op.path, owner };
      await parts.files.run(request, { signal });
      return { snapshot: await root.commit() };
    },
  };
}
