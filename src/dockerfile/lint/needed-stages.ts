import type { Dockerfile } from "../dockerfile.ts";
import type { Instruction } from "../instruction.ts";

/**
 * Indices of the stages that building `target` needs: itself, those it begins with, and those it takes files from.
 * All of them when `target` is undefined. `bases`: the name after FROM of each stage, its variables filled in.
 */
export function neededStages(
  { stages }: Dockerfile,
  bases: readonly string[],
  target: number | undefined,
): ReadonlySet<number> {
  if (target === undefined) return new Set(stages.keys());
  const needed = new Set<number>();
  const find = (name: string, end: number): number | undefined => {
    const named = stages.slice(0, end).findLast((stage) => stage.name === name.toLowerCase());
    return named?.index ?? (/^\d+$/.test(name) ? Number(name) : undefined);
  };
  const visit = (index: number): void => {
    const stage = stages[index];
    if (stage === undefined || needed.has(index)) return;
    needed.add(index);
    const base = stages.slice(0, index).findLast(({ name }) => name === bases[index]?.toLowerCase());
    if (base !== undefined) visit(base.index);
    for (const name of stage.instructions.flatMap(sourcesOf)) visit(find(name, stages.length) ?? -1);
  };
  visit(target);
  return needed;
}

/** What `COPY --from` and the mounts of a RUN name. */
function sourcesOf(instruction: Instruction): readonly string[] {
  if (instruction.kind === "copy") return instruction.from === undefined ? [] : [instruction.from];
  if (instruction.kind !== "run") return [];
  return instruction.mounts.flatMap((mount) =>
    "from" in mount && mount.from !== undefined ? [mount.from] : [],
  );
}
