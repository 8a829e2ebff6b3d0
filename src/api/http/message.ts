import type { ByteStream } from "../../oci/call-options.ts";

/** A request whose head was read; `body` is read once, with backpressure, and is empty when there is none. */
export interface HttpRequest {
  readonly method: string;
  /** Path of the request target as sent, percent-encoding included, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; repeated fields are joined with ", ". */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: ByteStream;
  /** Aborts when the client went away (for hijacked connections: when both directions are closed). */
  readonly signal: AbortSignal;
  /** The client may end its direction early without having gone away: called by routes that hijack. */
  allowHalfClose(): void;
}

/** Both directions of a connection that left HTTP. */
export interface ByteDuplex {
  /** What the client sends until it ends its direction. Iterate once. */
  readonly input: ByteStream;
  /** Resolves when the chunk is taken over, so a slow client slows the writer. Throws `cancelled` when it is gone. */
  write(chunk: Uint8Array): Promise<void>;
  readonly signal: AbortSignal;
}

/** What a handler answers. A `ByteStream` body is sent chunk by chunk, each flushed, its head at once. */
export type HttpReply =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array | ByteStream;
    }
  | {
      /** `101 UPGRADED` when the client asked for an upgrade, else a `200` without length; then bytes both ways. */
      readonly kind: "hijack";
      readonly headers?: Readonly<Record<string, string>>;
      /** Content type for a client that asked with `Upgrade:`. */
      readonly contentType: string;
      /** Fields of a `101 Switching Protocols` that stands for the usual head: another protocol than raw bytes. */
      readonly switching?: Readonly<Record<string, string>>;
      /** The connection is closed when it resolves. */
      run(duplex: ByteDuplex): Promise<void>;
    };

/** Never rejects: errors are replies too. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpReply>;
