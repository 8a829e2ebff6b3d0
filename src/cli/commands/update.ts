import type { ContainerUpdate } from "../../engine/container-resources.ts";
import { arity, command, ExitError } from "../command.ts";
import { restartPolicy } from "../container/host-spec.ts";
import { decimal, integer, parsed, refused, string } from "../flags/flag.ts";
import { parseBytes } from "../flags/values.ts";
import { forEach } from "../for-each.ts";

export default command({
  usage: "update [OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Update configuration of one or more containers",
  aliases: ["container update", "update"],
  flags: {
    "blkio-weight": integer("Block IO (relative weight), between 10 and 1000, or 0 to disable (default 0)", {
      kind: "uint16",
    }),
    "cpu-period": integer("Limit CPU CFS (Completely Fair Scheduler) period"),
    "cpu-quota": integer("Limit CPU CFS (Completely Fair Scheduler) quota"),
    "cpu-rt-period": integer("Limit the CPU real-time period in microseconds"),
    "cpu-rt-runtime": integer("Limit the CPU real-time runtime in microseconds"),
    "cpu-shares": integer("CPU shares (relative weight)", { short: "c" }),
    cpus: decimal("Number of CPUs"),
    "cpuset-cpus": string("CPUs in which to allow execution (0-3, 0,1)"),
    "cpuset-mems": string("MEMs in which to allow execution (0-3, 0,1)"),
    "kernel-memory": refused("no kernel has this limit any more"),
    memory: parsed("bytes", "Memory limit", parseBytes, { short: "m" }),
    "memory-reservation": parsed("bytes", "Memory soft limit", parseBytes),
    "memory-swap": parsed(
      "bytes",
      "Swap limit equal to memory plus swap: -1 to enable unlimited swap",
      parseBytes,
    ),
    "pids-limit": integer("Tune container pids limit (set -1 for unlimited)"),
    restart: string("Restart policy to apply when a container exits"),
  },
  args: arity.atLeast(1),
  async run({ flags, args, given }, context) {
    if (given.size === 0)
      throw new ExitError(1, "you must provide one or more flags when using this command");
    const update: ContainerUpdate = {
      BlkioWeight: flags["blkio-weight"] ?? 0,
      CpuPeriod: flags["cpu-period"] ?? 0,
      CpuQuota: flags["cpu-quota"] ?? 0,
      CpuRealtimePeriod: flags["cpu-rt-period"] ?? 0,
      CpuRealtimeRuntime: flags["cpu-rt-runtime"] ?? 0,
      CpuShares: flags["cpu-shares"] ?? 0,
      CpusetCpus: flags["cpuset-cpus"],
      CpusetMems: flags["cpuset-mems"],
      Memory: flags.memory ?? 0,
      MemoryReservation: flags["memory-reservation"] ?? 0,
      MemorySwap: flags["memory-swap"] ?? 0,
      NanoCpus: Math.round((flags.cpus ?? 0) * 1e9),
      ...(flags["pids-limit"] !== undefined && { PidsLimit: flags["pids-limit"] }),
      ...(flags.restart !== "" && { RestartPolicy: restartPolicy(flags.restart) }),
    };
    const { resources } = await context.engine();
    return await forEach(args, context, async (name) => {
      const { Warnings } = await resources.update(name, update, { signal: context.signal });
      for (const warning of Warnings) context.stderr.write(`${warning}\n`);
      return name;
    });
  },
});
