import type { ImageLayer } from "../../../../engine/types/image-layers.ts";
import { bytes, plural } from "../../data/format.ts";

interface LayerListProps {
  readonly layers: readonly ImageLayer[];
  readonly history: readonly StackLine[];
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

/** A line of the image's history; `layer`: the layer it made, from 1, or none. */
export interface StackLine {
  readonly text: string;
  readonly layer: number | undefined;
}

/** The stack, top first, each layer beside the line of the Dockerfile that made it. */
export function LayerList({ layers, history, chosen, onChoose }: LayerListProps) {
  const largest = Math.max(1, ...layers.map(({ Size }) => Size));
  return (
    <div class="pane">
      <div class="pane-head">
        <h2 class="grow">Layers, newest first</h2>
        <button
          type="button"
          class="button small ghost"
          aria-pressed={chosen === 0}
          onClick={() => onChoose(0)}
        >
          All files
        </button>
      </div>
      <div class="pane-body">
        {history.toReversed().map((line, at) => {
          const layer = layers.find(({ Index }) => Index === line.layer);
          if (layer === undefined) return <EmptyLine key={`${at} empty`} text={line.text} />;
          return (
            <LayerButton
              key={layer.Index}
              layer={layer}
              text={line.text}
              part={layer.Size / largest}
              isChosen={layer.Index === chosen}
              onChoose={() => onChoose(layer.Index)}
            />
          );
        })}
      </div>
    </div>
  );
}

interface LayerButtonProps {
  readonly layer: ImageLayer;
  readonly text: string;
  readonly part: number;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function LayerButton({ layer, text, part, isChosen, onChoose }: LayerButtonProps) {
  const facts = [
    plural(layer.Files, "file"),
    ...(layer.Deletes > 0 ? [`deletes ${layer.Deletes.toLocaleString("en")}`] : []),
  ];
  return (
    <button type="button" class="layer" aria-pressed={isChosen} onClick={onChoose}>
      <span class="layer-number">{layer.Index}</span>
      <LineText text={text} />
      <span class="number strong">{bytes(layer.Size)}</span>
      <span class="bar" aria-hidden="true">
        <span style={{ width: `${Math.max(part * 100, layer.Size > 0 ? 1 : 0)}%` }} />
      </span>
      <span class="layer-facts">
        {facts.join(" · ")}
        {layer.Wasted > 0 && <span class="warn"> · {bytes(layer.Wasted)} wasted</span>}
      </span>
    </button>
  );
}

function EmptyLine({ text }: { readonly text: string }) {
  return (
    <div class="layer empty">
      <span />
      <LineText text={text} />
      <span class="muted">no files</span>
    </div>
  );
}

/** The instruction stands out from the rest of its line. */
function LineText({ text }: { readonly text: string }) {
  const [, word = "", rest = text] = /^([A-Z]{3,11})(\s.*)$/s.exec(text) ?? [];
  return (
    <span class="layer-line" title={text}>
      {word !== "" && <span class="layer-word">{word}</span>}
      {rest || "unknown origin"}
    </span>
  );
}
