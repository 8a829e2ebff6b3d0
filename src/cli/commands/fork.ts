import { arity, command, ExitError } from "../command.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "fork [OPTIONS] CONTAINER NAME",
  summary: "Start a copy of a container with its files as they are now",
  aliases: ["container fork", "fork"],
  flags: {
    rm: bool("Remove the copy, and its volumes, when it ends; its files need not wait for the disk"),
    volumes: string('Volumes of the copy: copies of their own ("clone"), or the same ("share")', {
      initial: "clone",
    }),
  },
  args: arity.exactly(2),
  async run({ flags: { volumes, rm }, args: [name = "", newName = ""] }, context) {
    if (volumes !== "clone" && volumes !== "share")
      throw new ExitError(125, `invalid value "${volumes}" for --volumes: use clone or share`);
    const { containers } = await context.engine();
    const { Id } = await containers.fork(name, newName, {
      volumes,
      ...(rm && { autoRemove: true }),
      signal: context.signal,
    });
    context.stdout.write(`${Id}\n`);
    return 0;
  },
});
