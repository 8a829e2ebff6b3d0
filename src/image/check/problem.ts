/** Where something is wrong. */
export type ProblemKind =
  | "blob"
  | "image"
  | "layer"
  | "snapshot"
  | "build-cache"
  | "container"
  | "volume"
  | "mount"
  | "leftover"
  | "database";

/** Something that is wrong with a store. */
export interface Problem {
  readonly kind: ProblemKind;
  /** A sentence without a full stop. */
  readonly what: string;
  /** What a person can do about it, where nothing can be repaired. */
  readonly advice?: string;
  /** How it is put right without loss; undefined: it cannot be. */
  readonly repair?: Repair;
}

export interface Repair {
  /** What {@link run} does, as an order: `drop the blob`. */
  readonly how: string;
  run(): Promise<void>;
}
