import { command } from "../command.ts";

const letters = ["C", "A", "D"] as const;

export default command({
  usage: "diff CONTAINER",
  summary: "Inspect changes to files or directories on a container's filesystem",
  aliases: ["container diff", "diff"],
  flags: {},
  args: { min: 1, max: 1 },
  async run({ args: [name = ""] }, context) {
    const { files } = await context.engine();
    const changes = await files.changes(name, { signal: context.signal });
    const lines = changes.map(({ Path, Kind }) => `${letters[Kind]} ${Path}\n`);
    context.stdout.write(lines.join(""));
    return 0;
  },
});
