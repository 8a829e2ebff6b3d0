import type { Signal } from "@preact/signals";
import type { TransferProgress } from "../../../../engine/types/image.ts";
import { ApiError, call, type CallOptions } from "../../data/api.ts";

/** The last line of each part of a transfer, in the order in which they came up. */
export type TransferLines = ReadonlyMap<string, TransferProgress>;

/** Pulls or pushes, telling how it goes. Throws what the engine says went wrong. */
export async function transfer(
  path: string,
  options: CallOptions,
  lines: Signal<TransferLines>,
): Promise<void> {
  const response = await call("POST", path, options);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (let step = await reader?.read(); step !== undefined && !step.done; step = await reader?.read()) {
    const parts = (held + step.value).split("\n");
    held = parts.pop() ?? "";
    lines.value = added(
      lines.value,
      parts.filter((part) => part.trim() !== ""),
    );
  }
}

function added(before: TransferLines, texts: readonly string[]): TransferLines {
  const lines = new Map(before);
  for (const text of texts) {
    const line = JSON.parse(text) as TransferProgress & { error?: string };
    if (line.error !== undefined) throw new ApiError(500, "internal", line.error);
    if (line.status !== undefined) lines.set(line.id ?? line.status, line);
  }
  return lines;
}

/** The parts with how far they are. */
export function TransferList({ lines }: { readonly lines: TransferLines }) {
  if (lines.size === 0) return null;
  return (
    <ul class="progress-lines stack" aria-label="Progress" tabIndex={0}>
      {[...lines.entries()].map(([key, { id, status, progressDetail }]) => {
        const { current = 0, total = 0 } = progressDetail ?? {};
        return (
          <li key={key}>
            <div class="row">
              {id !== undefined && <code>{id.slice(0, 24)}</code>}
              <span class="clip">{status}</span>
            </div>
            {total > 0 && current < total && (
              <div class="bar" aria-hidden="true">
                <span style={{ width: `${(100 * current) / total}%` }} />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
