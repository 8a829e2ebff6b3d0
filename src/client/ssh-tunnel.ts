import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SlipwayError } from "../errors.ts";

/** A unix socket here that leads to an engine elsewhere. Dispose ends every connection (idempotent). */
export interface SshTunnel extends AsyncDisposable {
  readonly socketPath: string;
}

/**
 * The engine of another machine, reached as a user there: each connection to the socket is an `ssh HOST slipway system
 * dial-stdio` of its own, so that login, keys and `~/.ssh/config` are ssh's business. `host`: `ssh://[user@]name[:port]`.
 * Throws `invalid_argument`. What ssh complains of goes to this program's standard error.
 */
export async function sshTunnel(host: string): Promise<SshTunnel> {
  const words = sshWords(host);
  const directory = await mkdtemp(join(tmpdir(), "slipway-ssh-"));
  const socketPath = join(directory, "engine.sock");
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    carry(socket, words);
  });
  // The program may end while the tunnel stands: it carries nothing by itself.
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: socketPath }, resolve);
  });
  return {
    socketPath,
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Nothing of the address can become an option of ssh, or a word of a shell. Throws `invalid_argument`. */
export function sshWords(host: string): string[] {
  const match = /^ssh:\/\/(?:([\w.][\w.-]*)@)?(\[[\da-fA-F:.]+\]|[\w.][\w.-]*)(?::(\d{1,5}))?\/?$/.exec(host);
  if (match === null)
    throw new SlipwayError(
      "invalid_argument",
      `Invalid engine host "${host}": expected ssh://[user@]host[:port]`,
    );
  const [, user, name = "", port] = match;
  return [
    "ssh",
    "-o",
    "ConnectTimeout=30",
    "-T",
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", port]),
    "--",
    name.replace(/^\[(.*)\]$/, "$1"),
    "slipway",
    "system",
    "dial-stdio",
  ];
}

function carry(socket: Socket, [program = "", ...args]: readonly string[]): void {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.once("error", () => socket.destroy());
  socket.once("close", () => child.kill());
  socket.on("error", () => child.kill());
  child.stdin.on("error", () => {});
  socket.pipe(child.stdin);
  child.stdout.pipe(socket);
}
