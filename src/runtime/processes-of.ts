import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The processes that share the PID namespace of `pid`, itself included; empty when it is this process's own one. */
export function processesOf(pid: number): number[] {
  const wanted = namespaceOf(pid);
  if (wanted === "" || wanted === namespaceOf("self")) return [];
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).filter((each) => namespaceOf(each) === wanted);
}

/** As /proc/<pid>/stat has it: `S`, `T` for stopped; empty when there is no such process. */
export function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "";
  } catch {
    return "";
  }
}

function namespaceOf(pid: number | "self"): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return "";
  }
}
