import { errorMessage } from "../../errors.ts";
import { arity, command, ExitError } from "../command.ts";
import { variable } from "../container/check-names.ts";
import { readEnvFile } from "../container/env-file.ts";
import { copyStreams, followSize, rawTerminal } from "../container/stream-io.ts";
import { bool, list, string } from "../flags/flag.ts";

const none: Disposable = { [Symbol.dispose]: () => {} };

export default command({
  usage: "exec [OPTIONS] CONTAINER COMMAND [ARG...]",
  summary: "Execute a command in a running container",
  aliases: ["container exec", "exec"],
  flags: {
    detach: bool("Detached mode: run command in the background", { short: "d" }),
    "detach-keys": string("Override the key sequence for detaching a container"),
    env: list("Set environment variables", { short: "e", check: variable }),
    "env-file": list("Read in a file of environment variables"),
    interactive: bool("Keep STDIN open even if not attached", { short: "i" }),
    privileged: bool("Give extended privileges to the command"),
    tty: bool("Allocate a pseudo-TTY", { short: "t" }),
    user: string("Username or UID (format: <name|uid>[:<group|gid>])", { short: "u" }),
    workdir: string("Working directory inside the container", { short: "w" }),
  },
  args: arity.atLeast(2),
  interspersed: false,
  async run({ flags, args: [name = "", ...cmd] }, context) {
    if (flags.tty && flags.interactive && !context.stdin.isTTY)
      throw new ExitError(1, "the input device is not a TTY");
    const { execs } = await context.engine();
    const { stdout } = context;
    const size: [number, number] | undefined =
      flags.tty && stdout.isTTY ? [stdout.rows, stdout.columns] : undefined;
    const { Id: id } = await execs.create(name, {
      AttachStdin: flags.interactive && !flags.detach,
      AttachStdout: !flags.detach,
      AttachStderr: !flags.detach,
      Tty: flags.tty,
      Env: [...flags["env-file"].flatMap((path) => readEnvFile(path, context.env)), ...flags.env],
      Cmd: cmd,
      Privileged: flags.privileged,
      User: flags.user,
      WorkingDir: flags.workdir,
      ...(size === undefined ? {} : { ConsoleSize: size }),
    });
    const start = {
      detach: flags.detach,
      tty: flags.tty,
      ...(size === undefined ? {} : { consoleSize: size }),
    };
    await using stream = await execs.start(id, start).catch(refused);
    if (flags.detach) return 0;
    using _terminal = flags.tty && flags.interactive ? rawTerminal(context) : none;
    using _size = flags.tty ? followSize(context, (now) => execs.resize(id, now)) : none;
    const how = await copyStreams(stream, context, {
      input: flags.interactive,
      detachKeys: flags["detach-keys"],
    });
    return how === "detached" ? 0 : ((await execs.inspect(id)).ExitCode ?? 0);
  },
});

/** Docker's exit codes: 127 for a program that is not there, 126 for one that cannot be run. */
function refused(error: unknown): never {
  const message = errorMessage(error);
  if (!/^(OCI runtime exec failed|unable to find (user|group))/.test(message)) throw error;
  throw new ExitError(/executable file not found|no such file/.test(message) ? 127 : 126, message, {
    cause: error,
  });
}
