import type { RecordedStep } from "./build-record.ts";

/**
 * The index of the step that `text` names: its number in its stage (`3`, `3/7`), behind the stage's name where there are
 * several (`build 3/7`, `build/3`). A number alone is of the last stage that has it. Pure.
 */
export function findStep(steps: readonly Pick<RecordedStep, "name">[], text: string): number | undefined {
  const wanted = /^(?:((?!\d+\/\d+$).+?)[ /])?(\d+)(?:\/\d+)?$/.exec(text.trim());
  if (wanted === null) return undefined;
  const [, stage, number] = wanted;
  const at = steps.findLastIndex(({ name }) => {
    const label = /^\[(?:(.+?)\s+)?(\d+)\/\d+\]/.exec(name);
    if (label === null || label[2] !== number) return false;
    return stage === undefined || label[1]?.toLowerCase() === stage.toLowerCase();
  });
  return at === -1 ? undefined : at;
}
