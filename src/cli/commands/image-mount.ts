import { arity, command } from "../command.ts";
import { bool } from "../flags/flag.ts";
import { formatTable } from "../format/table.ts";

export default command({
  usage: "image mount [OPTIONS] [IMAGE]",
  summary: "Mount an image read-only and print where; without a name, list what is mounted",
  flags: { json: bool("Print JSON") },
  args: arity.upTo(1),
  async run({ flags, args: [name] }, context) {
    const { store } = await context.engine();
    if (name === undefined) {
      const mounted = await store.mounted({ signal: context.signal });
      const rows = mounted.map(({ Name, Id, Path }) => [Name, Id.slice(7, 19), Path]);
      const table = formatTable(["IMAGE", "ID", "PATH"], rows);
      context.stdout.write(flags.json ? `${JSON.stringify(mounted, undefined, 2)}\n` : table);
    } else {
      const mounted = await store.mount(name, { signal: context.signal });
      context.stdout.write(flags.json ? `${JSON.stringify(mounted, undefined, 2)}\n` : `${mounted.Path}\n`);
    }
    return 0;
  },
});
