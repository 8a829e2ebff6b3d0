import { command, ExitError } from "../command.ts";

export default command({
  usage: "port CONTAINER [PRIVATE_PORT[/PROTO]]",
  summary: "List port mappings or a specific mapping for the container",
  aliases: ["container port", "port"],
  flags: {},
  args: { min: 1, max: 2 },
  async run({ args: [name = "", wanted] }, context) {
    const { NetworkSettings } = await (await context.engine()).containers.inspect(name);
    const key = wanted === undefined || wanted.includes("/") ? wanted : `${wanted}/tcp`;
    const lines = Object.entries(NetworkSettings.Ports)
      .filter(([port]) => key === undefined || port === key)
      .flatMap(([port, bindings]) =>
        (bindings ?? []).map((b) => ({ port, to: address(b.HostIp, b.HostPort) })),
      );
    if (key !== undefined && lines.length === 0) {
      throw new ExitError(1, `Error: No public port '${wanted}' published for ${name}`);
    }
    for (const { port, to } of lines)
      context.stdout.write(key === undefined ? `${port} -> ${to}\n` : `${to}\n`);
    return 0;
  },
});

function address(ip: string, port: string): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
