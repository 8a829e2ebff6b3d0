import { binarySize } from "../../internal/human-size.ts";
import type { SystemInfo } from "../../engine/types/system.ts";
import { arity, command } from "../command.ts";
import { renderTemplate } from "../format/template.ts";
import { string } from "../flags/flag.ts";
import { programVersion } from "../version.ts";

export default command({
  usage: "info [OPTIONS]",
  summary: "Display system-wide information",
  aliases: ["system info", "info"],
  flags: { format: string("Format output using a custom template: 'json' or TEMPLATE", { short: "f" }) },
  args: arity.none,
  async run({ flags }, context) {
    const info = await (await context.engine()).system.info();
    if (flags.format === "") context.stdout.write(infoText(info));
    else
      context.stdout.write(
        `${flags.format === "json" ? JSON.stringify(info) : renderTemplate(flags.format, info)}\n`,
      );
    for (const warning of info.Warnings) context.stderr.write(`${warning}\n`);
    return 0;
  },
});

function infoText(info: SystemInfo): string {
  const lines: [string, string | number][] = [
    ["Containers", info.Containers],
    [" Running", info.ContainersRunning],
    [" Paused", info.ContainersPaused],
    [" Stopped", info.ContainersStopped],
    ["Images", info.Images],
    ["Server Version", info.ServerVersion],
    ["Storage Driver", info.Driver],
    ["Logging Driver", info.LoggingDriver],
    ["Cgroup Driver", info.CgroupDriver],
    ["Cgroup Version", info.CgroupVersion],
    ["Runtimes", Object.keys(info.Runtimes).join(" ")],
    ["Default Runtime", info.DefaultRuntime],
    ["Kernel Version", info.KernelVersion],
    ["Operating System", info.OperatingSystem],
    ["OSType", info.OSType],
    ["Architecture", info.Architecture],
    ["CPUs", info.NCPU],
    ["Total Memory", binarySize(info.MemTotal)],
    ["Name", info.Name],
    ["Root Dir", info.DockerRootDir],
    ["Live Restore Enabled", String(info.LiveRestoreEnabled)],
  ];
  const text = lines.map(([name, value]) => ` ${name}: ${value}\n`).join("");
  return `Client:\n Version: ${programVersion}\n\nServer:\n${text}`;
}
