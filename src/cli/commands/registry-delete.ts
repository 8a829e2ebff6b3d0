import { arity, command, ExitError } from "../command.ts";
import { openRemote, remoteFlags } from "../registry/remote.ts";

export default command({
  usage: "registry delete [OPTIONS] NAME:TAG|NAME@DIGEST [NAME:TAG|NAME@DIGEST...]",
  summary: "Delete tags, or by digest manifests, from a registry",
  flags: remoteFlags,
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    for (const name of args) {
      const { repository, reference } = await openRemote(name, context, flags);
      const ref = reference.digest ?? reference.tag;
      if (ref === undefined) throw new ExitError(1, `"${name}" names neither a tag nor a digest`);
      await repository.delete(ref, { signal: context.signal });
      context.stdout.write(`Deleted: ${name}\n`);
    }
    return 0;
  },
});
