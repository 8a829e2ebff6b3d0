import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { imageAuths } from "../registry/image-auths.ts";

export default command({
  usage: "manifest push [OPTIONS] MANIFEST_LIST",
  summary: "Push a manifest list to a repository",
  flags: {
    insecure: bool("Allow push to an insecure registry"),
    purge: bool("Remove the local manifest list after push", { short: "p" }),
  },
  args: arity.exactly(1),
  async run({ flags, args: [list = ""] }, context) {
    const { manifests } = await context.engine();
    const { Entries } = await manifests.get(list, { signal: context.signal });
    const auths = await imageAuths(context, [list, ...Entries.map(({ Ref }) => Ref)]);
    const { Digest, Pushed } = await manifests.push(list, { ...flags, auths, signal: context.signal });
    for (const pushed of Pushed) {
      context.stdout.write(`Pushed ref ${pushed.Ref} with digest: ${pushed.Digest}\n`);
    }
    context.stdout.write(`${Digest}\n`);
    return 0;
  },
});
