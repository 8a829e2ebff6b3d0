import { arity, command, ExitError } from "../command.ts";
import { attachTo } from "../container/attach-to.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "attach [OPTIONS] CONTAINER",
  summary: "Attach local standard input, output, and error streams to a running container",
  aliases: ["container attach", "attach"],
  flags: {
    "detach-keys": string("Override the key sequence for detaching a container"),
    "no-stdin": bool("Do not attach STDIN"),
    "sig-proxy": bool("Proxy all received signals to the process", { initial: true }),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const engine = await context.engine();
    const { State, Config } = await engine.containers.inspect(name);
    if (!State.Running) throw new ExitError(1, "You cannot attach to a stopped container, start it first");
    if (State.Paused) throw new ExitError(1, "cannot attach to a paused container, unpause it first");
    return await attachTo(engine, name, context, {
      input: !flags["no-stdin"] && Config.OpenStdin === true,
      detachKeys: flags["detach-keys"],
      signals: flags["sig-proxy"],
    });
  },
});
