/** The last parameter of all blocking work. An aborted signal stops the work and leaves nothing behind. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export type ByteStream = AsyncIterable<Uint8Array>;
