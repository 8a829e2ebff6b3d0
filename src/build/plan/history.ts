import type { AddInstruction, CopyInstruction } from "../../dockerfile/instruction.ts";
import type { Vertex } from "../vertex.ts";
import type { StageState } from "./stage-state.ts";

/** Notes an instruction in the image's history; `vertex` when it made a layer. Lines as BuildKit writes them. */
export function addHistory(state: StageState, createdBy: string, vertex?: Vertex): void {
  state.history.push({
    created_by: createdBy,
    comment: "buildkit.dockerfile.v0",
    ...(vertex === undefined && { empty_layer: true }),
  });
  state.layerVertices.push(vertex);
}

/** `|2 A=1 B=2 /bin/sh -c …`: the build arguments a RUN saw stand before its command. */
export function runHistory(state: StageState, args: readonly string[]): string {
  const values = new Map<string, string>();
  for (const { key, value } of state.args) values.set(key, state.env.get(key) ?? value ?? "");
  const given = [...values].map(([key, value]) => `${key}=${value}`);
  const prefix = given.length > 0 ? [`|${given.length}`, ...given] : [];
  return `RUN ${[...prefix, ...args].join(" ")} # buildkit`;
}

/** `COPY --chown=1:1 a b /dir/ # buildkit`. */
export function copyHistory(copy: CopyInstruction | AddInstruction): string {
  const words = [copy.kind.toUpperCase()];
  if (copy.kind === "copy" && copy.parents) words.push("--parents");
  if (copy.chown !== undefined && copy.chown !== "") words.push(`--chown=${copy.chown}`);
  if (copy.chmod !== undefined && copy.chmod !== "") words.push(`--chmod=${copy.chmod}`);
  words.push(...copy.sources, ...copy.heredocs.map((file) => `<<${file.name}`), copy.destination);
  return `${words.join(" ")} # buildkit`;
}
