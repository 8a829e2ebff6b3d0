import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "token rm TOKEN [TOKEN...]",
  summary: "Remove tokens, by ID or name",
  flags: {},
  args: arity.atLeast(1),
  async run({ args }, context) {
    const { access } = await context.engine();
    return await forEach(args, context, async (id) => {
      await access.removeToken(id);
      return id;
    });
  },
});
