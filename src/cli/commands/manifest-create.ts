import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { imageAuths } from "../registry/image-auths.ts";

export default command({
  usage: "manifest create MANIFEST_LIST MANIFEST [MANIFEST...]",
  summary: "Create a local manifest list for annotating and pushing to a registry",
  flags: {
    amend: bool("Amend an existing manifest list", { short: "a" }),
    insecure: bool("Allow communication with an insecure registry"),
    local: bool("Take the images from this store, not from their registries"),
  },
  args: arity.atLeast(2),
  async run({ flags, args: [list = "", ...images] }, context) {
    const { manifests } = await context.engine();
    const auths = await imageAuths(context, images);
    const { Name } = await manifests.create(list, images, { ...flags, auths, signal: context.signal });
    context.stdout.write(`Created manifest list ${Name}\n`);
    return 0;
  },
});
