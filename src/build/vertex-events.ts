import { errorMessage } from "../errors.ts";
import type { BuildEvent } from "./builder.ts";
import type { SolveListener } from "./solving.ts";
import type { Vertex } from "./vertex.ts";

/** Tells a build's listener what the solver does. Every vertex that is announced is completed once. */
export class VertexEvents implements SolveListener {
  readonly #emit: (event: BuildEvent) => void;
  readonly #now: () => number;
  readonly #open = new Set<string>();

  constructor(emit: (event: BuildEvent) => void, now: () => number) {
    this.#emit = emit;
    this.#now = now;
  }

  announce(vertices: readonly Vertex[]): void {
    for (const { digest, name, stage, line, inputs } of vertices) {
      this.#open.add(digest);
      const about = {
        ...(inputs.length > 0 && { inputs: inputs.map((input) => input.digest) }),
        ...(stage !== undefined && stage !== "" && { stage }),
        ...(line !== undefined && { line }),
      };
      this.#emit({ type: "vertex", id: digest, name, ...about });
    }
  }

  started({ digest }: Vertex): void {
    this.#emit({ type: "started", id: digest, at: this.#now() });
  }

  completed(
    { digest }: Vertex,
    result: { cached: boolean; causes?: readonly string[]; error?: unknown },
  ): void {
    if (!this.#open.delete(digest)) return;
    const { cached, causes, error } = result;
    this.#emit({
      type: "completed",
      id: digest,
      at: this.#now(),
      cached,
      ...(error !== undefined && { error: errorMessage(error) }),
      ...(causes !== undefined && { causes }),
    });
  }

  log({ digest }: Vertex, stream: "stdout" | "stderr", data: string): void {
    this.#emit({ type: "log", id: digest, stream, data });
  }

  progress({ digest }: Vertex, text: string, current?: number, total?: number): void {
    const counts = { ...(current !== undefined && { current }), ...(total !== undefined && { total }) };
    this.#emit({ type: "progress", id: digest, text, ...counts });
  }

  /** The image stands: steps that were not needed for it, because later ones were hits, count as cached. */
  finish(): void {
    for (const id of this.#open) {
      this.#open.delete(id);
      this.#emit({ type: "completed", id, at: this.#now(), cached: true });
    }
  }
}
