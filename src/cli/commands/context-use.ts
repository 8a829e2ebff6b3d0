import { arity, command } from "../command.ts";
import { useContext } from "../contexts/change-contexts.ts";
import { ContextStore } from "../contexts/context-store.ts";
import { DEFAULT_CONTEXT } from "../contexts/resolve-endpoint.ts";

export default command({
  usage: "context use CONTEXT",
  summary: "Set the context that commands use from now on",
  flags: {},
  args: arity.exactly(1),
  async run({ args: [name = ""] }, context) {
    const store = new ContextStore(context.configDirectory);
    if (name !== DEFAULT_CONTEXT) store.get(name);
    await useContext(store, name);
    context.stdout.write(`${name}\n`);
    const stronger = ["SLIPWAY_SOCKET", "DOCKER_HOST"].find((variable) => context.env[variable]);
    if (stronger !== undefined)
      context.stderr.write(`Warning: ${stronger} is set and overrides the context\n`);
    return 0;
  },
});
