/**
 * The server's end of a web socket (RFC 6455), over Bun's. On Node, which has none, a package such as `ws` would stand
 * in.
 */

/** One connection. After its end both calls do nothing. */
export interface ServerSocket {
  /** Text or bytes as one message. Resolves when the client may be sent more. */
  send(message: string | Uint8Array): Promise<void>;
  close(code?: number, reason?: string): void;
}

/** What serves a connection: told of each message and, once, of its end. */
export interface SocketSession {
  message(message: string | Uint8Array): void;
  closed(): void;
}

export type SocketOpener = (socket: ServerSocket) => SocketSession;

export interface SocketData {
  readonly open: SocketOpener;
  session?: SocketSession;
  wake?: (() => void) | undefined;
}

/** More waiting bytes than this, and the sender waits. */
const maxWaiting = 1 << 20;

/** Handlers of `Bun.serve` for connections whose data is a {@link SocketData}. */
export const socketHandlers: Bun.WebSocketHandler<SocketData> = {
  maxPayloadLength: 1 << 20,
  idleTimeout: 0,
  open(socket) {
    socket.data.session = socket.data.open({
      send: async (message) => {
        if (socket.readyState !== WebSocket.OPEN) return;
        socket.send(message);
        if (socket.getBufferedAmount() < maxWaiting) return;
        await new Promise<void>((resolve) => (socket.data.wake = resolve));
      },
      close: (code, reason) => socket.close(code, reason),
    });
  },
  message(socket, message) {
    socket.data.session?.message(message);
  },
  drain: (socket) => wake(socket.data),
  close(socket) {
    wake(socket.data);
    socket.data.session?.closed();
  },
};

function wake(data: SocketData): void {
  const resolve = data.wake;
  data.wake = undefined;
  resolve?.();
}
