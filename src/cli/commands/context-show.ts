import { arity, command } from "../command.ts";
import { currentContext, DEFAULT_CONTEXT } from "../contexts/resolve-endpoint.ts";

export default command({
  usage: "context show",
  summary: "Print the name of the current context",
  flags: {},
  args: arity.none,
  async run(_input, context) {
    const { env } = context;
    const name =
      env["SLIPWAY_CONTEXT"] || env["DOCKER_CONTEXT"] || currentContext(context) || DEFAULT_CONTEXT;
    context.stdout.write(`${name}\n`);
    return 0;
  },
});
