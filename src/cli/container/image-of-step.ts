import type { Engine } from "../../engine/engine.ts";
import { errorMessage, isCode } from "../../errors.ts";

/**
 * The image behind `BUILD:STEP` (`1f2e3d4c5b6a:3/7`), the step of a recorded build; undefined for what names no build. A
 * build is named by all 12 digits of its ID here. Throws `not_found` for a build without that step.
 */
export async function imageOfStep(engine: Pick<Engine, "builds">, name: string): Promise<string | undefined> {
  const [, build, step] = /^([0-9a-f]{12}):(.+)$/.exec(name) ?? [];
  if (build === undefined || step === undefined) return undefined;
  try {
    return (await engine.builds.stepImage(build, step)).Image;
  } catch (error) {
    if (isCode(error, "not_found") && errorMessage(error).startsWith("No such build")) return undefined;
    throw error;
  }
}
