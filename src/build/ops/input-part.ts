import type { Digest } from "../../oci/digest.ts";
import type { KeyPart } from "../op-handler.ts";
import type { Vertex } from "../vertex.ts";

/** What a step stands on, as a part of its key: an image by name, an earlier step without. */
export function inputPart(
  input: number | undefined,
  inputKeys: readonly Digest[],
  vertex: Vertex,
  name = "base",
): KeyPart[] {
  const key = input === undefined ? undefined : inputKeys[input];
  const from = input === undefined ? undefined : vertex.inputs[input];
  if (key === undefined || from === undefined) return [];
  if (from.op.kind !== "image") return [{ kind: "input", name, value: key }];
  return [{ kind: "base", name, value: key, shown: `${from.op.reference} ${from.op.imageID}` }];
}
