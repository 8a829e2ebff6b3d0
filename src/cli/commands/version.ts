import type { SystemVersion } from "../../engine/types/system.ts";
import { arity, command } from "../command.ts";
import { renderTemplate } from "../format/template.ts";
import { string } from "../flags/flag.ts";
import { programVersion } from "../version.ts";

export default command({
  usage: "version [OPTIONS]",
  summary: "Show the Slipway version information",
  flags: { format: string("Format output using a custom template: 'json' or TEMPLATE", { short: "f" }) },
  args: arity.none,
  async run({ flags }, context) {
    const server = await (await context.engine()).system.version();
    const { ApiVersion } = server;
    const built = { GitCommit: "", GoVersion: "", BuildTime: "" };
    const versions = { Version: programVersion, ApiVersion, DefaultAPIVersion: ApiVersion };
    const client = { ...versions, ...built, Os: "linux", Arch: server.Arch };
    if (flags.format !== "") {
      const document = { Client: client, Server: server };
      const text =
        flags.format === "json" ? JSON.stringify(document) : renderTemplate(flags.format, document);
      context.stdout.write(`${text}\n`);
      return 0;
    }
    context.stdout.write(`Client: Slipway\n${rows(1, clientRows(client))}\n${serverText(server)}`);
    return 0;
  },
});

type Row = readonly [name: string, value: string];

function rows(indent: number, pairs: readonly Row[]): string {
  const line = ([name, value]: Row) => `${" ".repeat(indent)}${`${name}:`.padEnd(20 - indent)}${value}\n`;
  return pairs.map(line).join("");
}

function clientRows(client: { Version: string; ApiVersion: string; Os: string; Arch: string }): Row[] {
  return [
    ["Version", client.Version],
    ["API version", client.ApiVersion],
    ["OS/Arch", `${client.Os}/${client.Arch}`],
  ];
}

function serverText(server: SystemVersion): string {
  const engine: Row[] = [
    ["Version", server.Version],
    ["API version", `${server.ApiVersion} (minimum version ${server.MinAPIVersion})`],
    ["Kernel version", server.KernelVersion],
    ["OS/Arch", `${server.Os}/${server.Arch}`],
  ];
  const others = server.Components.filter(({ Name }) => Name !== "Engine");
  const parts = others.map(({ Name, Version, Details = {} }) => {
    const details = Object.entries(Details).filter(([, value]) => value !== "");
    return ` ${Name}:\n${rows(2, [["Version", Version], ...details])}`;
  });
  return `Server: ${server.Platform.Name}\n Engine:\n${rows(2, engine)}${parts.join("")}`;
}
