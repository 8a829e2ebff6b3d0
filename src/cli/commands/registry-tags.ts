import { arity, command } from "../command.ts";
import { openRemote, remoteFlags } from "../registry/remote.ts";

export default command({
  usage: "registry tags [OPTIONS] REPOSITORY",
  summary: "List the tags of a repository",
  flags: remoteFlags,
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const { repository } = await openRemote(name, context, flags);
    for (const tag of await repository.tags({ signal: context.signal })) context.stdout.write(`${tag}\n`);
    return 0;
  },
});
