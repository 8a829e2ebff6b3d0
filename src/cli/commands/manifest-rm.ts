import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "manifest rm MANIFEST_LIST [MANIFEST_LIST...]",
  summary: "Delete one or more manifest lists from local storage",
  flags: {},
  args: arity.atLeast(1),
  async run({ args }, context) {
    const { manifests } = await context.engine();
    return await forEach(args, context, async (list) => {
      await manifests.remove(list, { signal: context.signal });
      return undefined;
    });
  },
});
