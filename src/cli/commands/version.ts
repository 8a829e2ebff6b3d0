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
    const client = { Version: programVersion, ApiVersion: server.ApiVersion, Os: "linux", Arch: server.Arch };
    if (flags.format !== "") {
      const document = { Client: client, Server: server };
      const text =
        flags.format === "json" ? JSON.stringify(document) : renderTemplate(flags.format, document);
      context.stdout.write(`${text}\n`);
      return 0;
    }
    const rows = (pairs: [string, string][]) =>
      pairs.map(([name, value]) => ` ${`${name}:`.padEnd(19)}${value}\n`).join("");
    const clientText = rows([
      ["Version", client.Version],
      ["API version", client.ApiVersion],
      ["OS/Arch", `${client.Os}/${client.Arch}`],
    ]);
    const components = server.Components.map(
      ({ Name, Version, Details }) => ` ${Name}:\n  ${Version || (Details?.["Path"] ?? "")}\n`,
    );
    const serverText = rows([
      ["Version", server.Version],
      ["API version", `${server.ApiVersion} (minimum version ${server.MinAPIVersion})`],
      ["Kernel version", server.KernelVersion],
      ["OS/Arch", `${server.Os}/${server.Arch}`],
    ]);
    context.stdout.write(
      `Client: Slipway\n${clientText}\nServer: ${server.Platform.Name}\n${serverText}${components.join("")}`,
    );
    return 0;
  },
});
