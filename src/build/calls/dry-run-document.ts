/** What a build would do, as far as that can be known before. */
export interface DryRunDocument {
  readonly steps: readonly {
    /** `[build 2/6] RUN npm install` */
    readonly name: string;
    readonly line?: number;
    readonly outcome: "hit" | "unneeded" | "run" | "maybe";
    /** ms the step took when it was last carried out */
    readonly durationMs?: number;
    readonly causes?: readonly string[];
  }[];
  /** Base images that are not here. */
  readonly pulls: readonly { readonly reference: string; readonly bytes: number }[];
  /** For each name the result would be pushed under. */
  readonly pushes: readonly {
    readonly reference: string;
    readonly layers: readonly PushedLayer[];
  }[];
}

export interface PushedLayer {
  /** What makes the layer: a step, or the digest of a layer of the base. */
  readonly name: string;
  /** Undefined when nothing is known of the layer. */
  readonly bytes?: number;
  /** `there`: the registry has it. `sent`: it would be sent. `open`: the step would run first; bytes are what it last came to. */
  /** `bytes` are before compression. */
  readonly isEstimate?: boolean;
  readonly state: "there" | "sent" | "open";
}
