import type { ErrorCode } from "../errors.ts";

/** What a task's owner says to its worker. A `credit` allows one more chunk of output. */
export type ToWorker =
  | { readonly kind: "start"; readonly request: unknown }
  | { readonly kind: "input"; readonly chunk: Uint8Array }
  | { readonly kind: "inputEnd" }
  | { readonly kind: "credit" }
  | { readonly kind: "abort" };

/** What the worker says back. A `credit` allows one more chunk of input. `result` or `error` is the last word. */
export type FromWorker =
  | { readonly kind: "credit" }
  | { readonly kind: "output"; readonly chunk: Uint8Array }
  | { readonly kind: "result"; readonly value: unknown }
  | {
      readonly kind: "error";
      readonly code: ErrorCode;
      readonly message: string;
      /** the errno's name, when a system call failed */
      readonly errno: string | undefined;
    };

/** Chunks under way in one direction before the sender waits. */
export const WINDOW = 8;
