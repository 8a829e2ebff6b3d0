import { arity, command, ExitError } from "../command.ts";
import { removeContext, useContext } from "../contexts/change-contexts.ts";
import { ContextStore } from "../contexts/context-store.ts";
import { DEFAULT_CONTEXT } from "../contexts/resolve-endpoint.ts";
import { bool } from "../flags/flag.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "context rm [OPTIONS] CONTEXT [CONTEXT...]",
  summary: "Remove one or more contexts",
  flags: { force: bool("Force the removal of a context in use", { short: "f" }) },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const store = new ContextStore(context.configDirectory);
    return await forEach(args, context, async (name) => {
      if (name === DEFAULT_CONTEXT) throw new ExitError(1, 'context "default" cannot be removed');
      const isCurrent = store.current() === name;
      if (!flags.force) store.get(name);
      if (isCurrent && !flags.force)
        throw new ExitError(1, `context "${name}" is in use, set -f flag to force remove`);
      if (isCurrent) await useContext(store, DEFAULT_CONTEXT);
      await removeContext(store, name);
      return name;
    });
  },
});
