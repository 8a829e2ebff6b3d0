import { useState } from "preact/hooks";
import { bytes } from "../../data/format.ts";
import { PathBar } from "../../parts/path-bar.tsx";
import { Treemap } from "../../parts/treemap.tsx";
import type { FileNode } from "./file-tree.ts";

/** Where the bytes of an image are: directories open. */
export function FilesMap({ root }: { readonly root: FileNode }) {
  const [path, setPath] = useState<readonly string[]>([]);
  const here = path.reduce<FileNode | undefined>((node, part) => node?.children.get(part), root) ?? root;
  const items = [...here.children.values()].map((node, at) => ({
    key: node.name,
    name: node.name,
    size: node.size,
    text: bytes(node.size),
    hue: node.kind === "directory" ? 1 + (at % 7) : 8,
  }));
  return (
    <div class="pane" style={{ flex: 1 }}>
      <div class="pane-head">
        <PathBar parts={path} onGo={(depth) => setPath(path.slice(0, depth))} />
        <span class="grow" />
        <span class="number soft">{bytes(here.size)}</span>
      </div>
      <Treemap
        label={`Sizes in /${path.join("/")}`}
        items={items}
        canOpen={(key) => here.children.get(key)?.kind === "directory"}
        onOpen={(key) => setPath([...path, key])}
      />
    </div>
  );
}
