import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readFile } from "node:fs/promises";
import { errorMessage, SlipwayError } from "../../errors.ts";
import { processesOf as namespaceOf } from "../../runtime/processes-of.ts";
import { isActive, type ContainerRecord } from "./record.ts";

const run = promisify(execFile);

/**
 * The container's processes by the host's `ps`, whose options `psArgs` are (default `-ef`): as in Docker, all are
 * listed and those of the container's PID namespace kept. Throws `conflict` when it does not run, `internal` as Docker does for options
 * that `ps` refuses or that hide the PID.
 */
export async function topProcesses(
  record: ContainerRecord,
  psArgs = "-ef",
): Promise<{ Titles: string[]; Processes: string[][] }> {
  if (!isActive(record)) throw new SlipwayError("conflict", `container ${record.id} is not running`);
  const words = psArgs.split(/\s+/).filter((word) => word !== "");
  const [listing, pids] = await Promise.all([runPs(words), processesOf(record.state.pid, record.id)]);
  const [head = "", ...lines] = listing.split("\n").filter((line) => line !== "");
  const Titles = head.trim().split(/\s+/);
  const pidColumn = Titles.indexOf("PID");
  if (pidColumn < 0) throw new SlipwayError("internal", "Couldn't find PID field in ps output");
  const rows = lines.map((line) => splitRow(line, Titles.length));
  return { Titles, Processes: rows.filter((row) => pids.has(row[pidColumn] ?? "")) };
}

async function runPs(words: string[]): Promise<string> {
  try {
    return (await run("ps", words, { maxBuffer: 16 << 20 })).stdout;
  } catch (error) {
    const { stderr = "" } = error as { stderr?: string };
    const [said = ""] = stderr.trim().split("\n");
    throw new SlipwayError("internal", `ps: ${said || errorMessage(error)}`, { cause: error });
  }
}

/** The last column, the command, keeps its spaces. */
function splitRow(line: string, columns: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, columns - 1), words.slice(columns - 1).join(" ")];
}

/** Every process of the cgroup that holds `pid`; of its PID namespace when it has no cgroup of its own. */
async function processesOf(pid: number, id: string): Promise<Set<string>> {
  const cgroups = await readFile(`/proc/${pid}/cgroup`, "utf8");
  if (!cgroups.includes(id)) return new Set(namespaceOf(pid).map(String));
  const own = cgroups.split("\n").find((line) => line !== "" && !line.endsWith(":/")) ?? "";
  const [, controllers = "", path = "/"] = own.split(":", 3);
  const base = controllers === "" ? "/sys/fs/cgroup" : `/sys/fs/cgroup/${controllers.replace(/^name=/, "")}`;
  const listed = await readFile(`${base}${path}/cgroup.procs`, "utf8").catch(() => String(pid));
  return new Set(listed.split("\n").filter((line) => line !== ""));
}
