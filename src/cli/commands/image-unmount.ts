import { arity, command } from "../command.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "image unmount IMAGE [IMAGE...]",
  summary: "Unmount images that image mount mounted",
  aliases: ["image unmount", "image umount"],
  flags: {},
  args: arity.atLeast(1),
  async run({ args }, context) {
    const { store } = await context.engine();
    return await forEach(args, context, async (name) => {
      await store.unmount(name, { signal: context.signal });
      return name;
    });
  },
});
