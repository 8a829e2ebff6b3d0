import { errorMessage } from "../../errors.ts";
import { arity, command } from "../command.ts";
import { copyOutput } from "../container/stream-io.ts";
import { bool, string } from "../flags/flag.ts";
import { UsageError } from "../flags/parse-flags.ts";
import { parseTime } from "../flags/time.ts";

export default command({
  usage: "logs [OPTIONS] CONTAINER",
  summary: "Fetch the logs of a container",
  aliases: ["container logs", "logs"],
  flags: {
    details: bool("Show extra details provided to logs"),
    follow: bool("Follow log output", { short: "f" }),
    since: string(
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: string("Number of lines to show from the end of the logs", { short: "n", initial: "all" }),
    timestamps: bool("Show timestamps", { short: "t" }),
    until: string(
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
  },
  args: arity.exactly(1),
  async run({ flags, args: [name = ""] }, context) {
    const engine = await context.engine();
    const tail = /^\d+$/.test(flags.tail) ? Number(flags.tail) : undefined;
    const log = await engine.containers.logs(
      name,
      {
        follow: flags.follow,
        timestamps: flags.timestamps,
        details: flags.details,
        stdout: true,
        stderr: true,
        ...(flags.since === "" ? {} : { since: timeOf("since", flags.since) }),
        ...(flags.until === "" ? {} : { until: timeOf("until", flags.until) }),
        ...(tail === undefined ? {} : { tail }),
      },
      { signal: context.signal },
    );
    await copyOutput(log.output, context);
    return 0;
  },
});

function timeOf(flag: string, text: string): Date {
  try {
    return parseTime(text, Date.now());
  } catch (error) {
    throw new UsageError(`invalid value for "${flag}": ${errorMessage(error)}`, { cause: error });
  }
}
