import { connect, type Socket } from "node:net";
import { parseHost } from "../../client/address.ts";
import { arity, command, ExitError } from "../command.ts";

export default command({
  usage: "system dial-stdio",
  summary: "Join standard input and output with the engine's socket (the far end of ssh://)",
  flags: {},
  args: arity.none,
  async run(_input, context) {
    // Starts an engine when none listens, as any command does.
    await context.engine();
    const address = parseHost(context.global.host);
    if (!("socketPath" in address)) throw new ExitError(1, "dial-stdio joins unix sockets alone");
    const socket = connect({ path: address.socketPath, allowHalfOpen: true });
    await carried(socket, context.stdin, context.stdout);
    return 0;
  },
});

/** Both directions, each ended on its own; over when the engine's has ended. */
async function carried(socket: Socket, input: NodeJS.ReadStream, output: NodeJS.WriteStream): Promise<void> {
  input.pipe(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.on("data", (chunk) => {
      if (output.write(chunk)) return;
      socket.pause();
      output.once("drain", () => socket.resume());
    });
    socket.once("end", resolve);
    socket.once("close", () => resolve());
  });
  input.unpipe(socket);
  input.destroy();
  socket.destroy();
}
