import type { Engine } from "../../engine/engine.ts";
import { isCode, SlipwayError } from "../../errors.ts";
import { arity, command, ExitError } from "../command.ts";
import { inspectEach } from "../format/inspect.ts";
import { bool, string } from "../flags/flag.ts";

export default command({
  usage: "inspect [OPTIONS] NAME|ID [NAME|ID...]",
  summary: "Return low-level information on Slipway objects",
  flags: {
    format: string("Format output using a custom template: 'json' or TEMPLATE", { short: "f" }),
    size: bool("Display total file sizes if the type is container", { short: "s" }),
    type: string("Only inspect objects of the given type"),
  },
  args: arity.atLeast(1),
  async run({ flags, args }, context) {
    const engine = await context.engine();
    const kinds = inspectors(engine, flags.size);
    if (flags.type !== "" && !Object.hasOwn(kinds, flags.type)) {
      throw new ExitError(
        1,
        `unknown type: "${flags.type}": must be one of "${Object.keys(kinds).join('", "')}"`,
      );
    }
    const tried = flags.type === "" ? Object.values(kinds) : [kinds[flags.type as keyof typeof kinds]];
    return await inspectEach(args, flags.format, context, (name) => firstFound(tried, name, flags.type));
  },
});

/** In the order they are tried. */
function inspectors({ containers, images, networks, volumes }: Engine, size: boolean) {
  return {
    container: (name: string): Promise<object> => containers.inspect(name, { size }),
    image: (name: string): Promise<object> => images.inspect(name),
    network: (name: string): Promise<object> => networks.inspect(name),
    volume: (name: string): Promise<object> => volumes.inspect(name),
  };
}

async function firstFound(
  tried: readonly ((name: string) => Promise<object>)[],
  name: string,
  type: string,
): Promise<object> {
  for (const inspect of tried) {
    try {
      return await inspect(name);
    } catch (error) {
      if (!isCode(error, "not_found") && !isCode(error, "invalid_argument")) throw error;
    }
  }
  throw new SlipwayError("not_found", `No such ${type || "object"}: ${name}`);
}
