import { isCode } from "../../errors.ts";
import { LayoutSource } from "../../image/archive/layout-source.ts";
import { saveArchive } from "../../image/archive/save-archive.ts";
import type { CliContext } from "../command.ts";
import { layoutContext } from "./layout-context.ts";

/** Brings the layouts among `--build-context` words into the engine's store. Dispose takes their names away. */
export async function loadLayouts(words: readonly string[], context: CliContext): Promise<AsyncDisposable> {
  const layouts = words.flatMap((word) => layoutContext(word.slice(word.indexOf("=") + 1)) ?? []);
  const engine = layouts.length === 0 ? undefined : await context.engine();
  const dispose = async (): Promise<void> => {
    for (const { reference } of layouts) {
      await engine?.images.remove(reference).catch((error: unknown) => {
        if (!isCode(error, "not_found")) throw error;
      });
    }
  };
  try {
    for (const { path, ref, reference } of layouts) {
      const source = new LayoutSource(path);
      const images = [{ descriptor: await source.resolve(ref), references: [reference] }];
      const archive = saveArchive(source, images, { signal: context.signal });
      for await (const _line of engine?.images.load(archive, { signal: context.signal }) ?? []);
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { [Symbol.asyncDispose]: dispose };
}
