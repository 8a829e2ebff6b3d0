import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { arity, command, ExitError } from "../command.ts";

export default command({
  usage: "volume import VOLUME [FILE|-]",
  summary: "Make a volume from a tar archive, or fill an empty one",
  flags: {},
  args: { ...arity.atLeast(1), max: 2 },
  async run({ args: [name = "", file = "-"] }, context) {
    if (file === "-" && context.stdin.isTTY)
      throw new ExitError(1, "cowardly refusing to read from a terminal");
    if (file !== "-") await stat(file);
    const archive = file === "-" ? context.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
    const { volumes } = await context.engine();
    const { Name } = await volumes.import(name, archive, { signal: context.signal });
    context.stdout.write(`${Name}\n`);
    return 0;
  },
});
