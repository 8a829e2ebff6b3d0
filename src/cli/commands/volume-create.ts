import { arity, command, ExitError } from "../command.ts";
import { list, refused, string } from "../flags/flag.ts";
import { parsePairs } from "../flags/values.ts";

const clusterOnly = "cluster volumes need a swarm";
const cluster = Object.fromEntries(
  [
    "availability",
    "group",
    "limit-bytes",
    "required-bytes",
    "scope",
    "secret",
    "sharing",
    "topology-preferred",
    "topology-required",
    "type",
  ].map((name) => [name, refused(clusterOnly)]),
);

export default command({
  usage: "volume create [OPTIONS] [VOLUME]",
  summary: "Create a volume",
  flags: {
    ...cluster,
    driver: string("Specify volume driver name", { short: "d", initial: "local" }),
    label: list("Set metadata for a volume"),
    name: { ...string("Specify volume name"), hidden: true },
    opt: list("Set driver specific options", { short: "o", kind: "map" }),
  },
  args: arity.upTo(1),
  async run({ flags, args: [argument] }, context) {
    const name = argument ?? (flags.name || undefined);
    if (argument !== undefined && flags.name !== "") {
      const what = "cannot specify a volume name through both --name and as a positional arg";
      throw new ExitError(1, `conflicting options: ${what}`);
    }
    const { volumes } = await context.engine();
    const { Name } = await volumes.create({
      ...(name === undefined ? {} : { Name: name }),
      Driver: flags.driver,
      DriverOpts: parsePairs(flags.opt),
      Labels: parsePairs(flags.label),
    });
    context.stdout.write(`${Name}\n`);
    return 0;
  },
});
