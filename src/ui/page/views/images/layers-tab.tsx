import { useMemo, useState } from "preact/hooks";
import type { ImageFiles, ImageLayers } from "../../../../engine/types/image-layers.ts";
import { bytes, plural } from "../../data/format.ts";
import { Button } from "../../parts/button.tsx";
import { fileTree } from "./file-tree.ts";
import { FilesMap } from "./files-map.tsx";
import { FilesPane } from "./files-pane.tsx";
import { LayerList, type StackLine } from "./layer-list.tsx";

interface LayersTabProps {
  readonly layers: ImageLayers;
  readonly files: ImageFiles;
  readonly history: readonly StackLine[];
}

/** The layer stack, and the files: of the image, or of what one layer did. */
export function LayersTab({ layers, files, history }: LayersTabProps) {
  const [chosen, setChosen] = useState(0);
  const [isMap, setMap] = useState(false);
  const tree = useMemo(() => {
    if (chosen > 0) return fileTree(files.Layers, chosen - 1, { isMarked: true, onlyMarked: true });
    return fileTree(files.Layers, files.Layers.length - 1, { isMarked: false, onlyMarked: false });
  }, [files, chosen]);
  const layer = layers.Layers.find(({ Index }) => Index === chosen);
  return (
    <>
      <div class="stats-line">
        <Big value={bytes(layers.Size)} what={`in ${plural(layers.Layers.length, "layer")}`} />
        <Big value={bytes(layers.Wasted)} what="wasted by later layers" />
        <Big value={`${efficiency(layers)} %`} what="of it is seen in the image" />
        <span class="grow" />
        <div class="row" role="group" aria-label="Show the files as">
          <Button small pressed={!isMap} onClick={() => setMap(false)}>
            Tree
          </Button>
          <Button small pressed={isMap} onClick={() => setMap(true)}>
            Map
          </Button>
        </div>
      </div>
      <div class="split">
        <LayerList layers={layers.Layers} history={history} chosen={chosen} onChoose={setChosen} />
        {isMap ? (
          <FilesMap key={chosen} root={tree} />
        ) : (
          <FilesPane
            root={tree}
            title={layer === undefined ? "All files of the image" : `What layer ${layer.Index} changed`}
            empty="This layer changes no file."
          />
        )}
      </div>
    </>
  );
}

function efficiency({ Size, Wasted }: ImageLayers): string {
  return Size === 0 ? "100" : (100 * (1 - Wasted / Size)).toFixed(1);
}

function Big({ value, what }: { readonly value: string; readonly what: string }) {
  return (
    <div class="big-number">
      <b>{value}</b>
      <span>{what}</span>
    </div>
  );
}
