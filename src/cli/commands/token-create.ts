import { parseGoDuration } from "../../internal/go-duration.ts";
import { arity, command } from "../command.ts";
import { list, parsed, string } from "../flags/flag.ts";

export default command({
  usage: "token create [OPTIONS]",
  summary: "Create a token that allows a part of what the engine does, and print it",
  flags: {
    allow: list("What it allows: containers:read, logs, images, … or * (comma separated)"),
    label: list("Only what has this label is seen and touched: key=value", { short: "l" }),
    name: string("A name to find it by"),
    expires: parsed(
      "duration",
      "How long it is good, as 12h (default: until it is removed)",
      parseGoDuration,
    ),
  },
  args: arity.none,
  async run({ flags }, context) {
    const allow = flags.allow.flatMap((words) => words.split(",")).filter(Boolean);
    const lifetime = flags.expires === undefined ? {} : { lifetime: Math.ceil(flags.expires / 1e9) };
    const { access } = await context.engine();
    const made = await access.createToken({ allow, labels: flags.label, name: flags.name, ...lifetime });
    context.stdout.write(`${made.token}\n`);
    context.stderr.write(
      `Token ${made.id}: shown this once. SLIPWAY_TOKEN, or "Authorization: Bearer …", carries it.\n`,
    );
    return 0;
  },
});
