import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The processes that share the PID namespace of `pid`, itself included; empty when it is this process's own one. */
export function processesOf(pid: number): number[] {
  const wanted = namespaceOf(pid);
  if (wanted === "" || wanted === namespaceOf("self")) return [];
  const numbers = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).filter((each) => namespaceOf(each) === wanted);
}

/** The children of `pid`, theirs, and so on. */
export function descendantsOf(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ child: Number(name), parent: parentOf(Number(name)) }));
  const found = [pid];
  // Whoever is added here is looked at in turn.
  for (const each of found) {
    for (const { child, parent } of parents) if (parent === each) found.push(child);
  }
  return found.slice(1);
}

/** NaN when there is no such process. */
export function parentOf(pid: number): number {
  return Number(statFields(pid)[1] ?? NaN);
}

/** As /proc/<pid>/stat has it: `S`, `T` for stopped; empty when there is no such process. */
export function stateOf(pid: number): string {
  return statFields(pid)[0] ?? "";
}

/** From the third field on; those before hold the program's name, which may be anything. */
function statFields(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function namespaceOf(pid: number | "self"): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return "";
  }
}
