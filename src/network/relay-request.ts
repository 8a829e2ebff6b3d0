/** What the relay's worker is asked for. */
export interface RelayRequest {
  /** Path of the namespace it opens connections in. */
  readonly netns: string;
  /** Path of the unix socket it answers on. */
  readonly socket: string;
}

/** The byte that says so. */
export const CONNECTED = 43;
