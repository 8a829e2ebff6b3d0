import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { bytes } from "../../data/format.ts";
import { moveTo } from "../../parts/data-table.tsx";
import { Icon } from "../../parts/icon.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { useWindow } from "../../parts/use-window.ts";
import { visibleRows, type FileNode, type FileRow } from "./file-tree.ts";

interface FilesPaneProps {
  readonly root: FileNode;
  readonly title: string;
  /** Said when there is nothing. */
  readonly empty: string;
}

const rowHeight = 28;

/** A tree of files: only the rows in sight are drawn. */
export function FilesPane({ root, title, empty }: FilesPaneProps) {
  const search = useSignal("");
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState(0);
  useEffect(() => setOpen(firstOpen(root)), [root]);
  const rows = useMemo(() => visibleRows(root, open, search.value), [root, open, search.value]);
  const { scroller, from, to, onScroll, reveal } = useWindow(rows.length, rowHeight);
  const toggle = ({ path }: FileNode) => {
    const next = new Set(open);
    if (!next.delete(path)) next.add(path);
    setOpen(next);
  };
  const focusRow = (index: number) => {
    setActive(index);
    reveal(index);
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[aria-rowindex="${index + 1}"]`)?.focus(),
    );
  };
  const onKey = (event: KeyboardEvent, row: FileRow, index: number) => {
    const to = moveTo(event.key, index, 15, rows.length - 1);
    const opens = event.key === "ArrowRight" && !row.isOpen;
    const closes = event.key === "ArrowLeft" && row.isOpen;
    if (to !== undefined) focusRow(to);
    else if (row.node.kind === "directory" && (opens || closes || event.key === "Enter")) toggle(row.node);
    else return;
    event.preventDefault();
  };
  return (
    <div class="pane">
      <div class="pane-head">
        <h2 class="grow clip">{title}</h2>
        <SearchBox value={search} label="Search files" />
      </div>
      {rows.length === 0 && (
        <p class="muted" style={{ padding: "16px" }}>
          {search.value === "" ? empty : "No file has that in its path."}
        </p>
      )}
      <div
        class="file-rows"
        ref={scroller}
        onScroll={onScroll}
        role="treegrid"
        aria-label={title}
        aria-rowcount={rows.length}
        data-rows
      >
        <div class="table-space" role="presentation" style={{ height: `${rows.length * rowHeight}px` }}>
          {rows.slice(from, to).map((row, offset) => (
            <FileLine
              key={row.node.path}
              row={row}
              index={from + offset}
              isActive={from + offset === Math.min(active, rows.length - 1)}
              onToggle={() => toggle(row.node)}
              onKey={(event) => onKey(event, row, from + offset)}
              onFocus={() => setActive(from + offset)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

interface FileLineProps {
  readonly row: FileRow;
  readonly index: number;
  readonly isActive: boolean;
  readonly onToggle: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly onFocus: () => void;
}

const marks = { added: "+", changed: "~", removed: "−" } as const;

function FileLine({
  row: { node, depth, isOpen },
  index,
  isActive,
  onToggle,
  onKey,
  onFocus,
}: FileLineProps) {
  const isDirectory = node.kind === "directory";
  const { change } = node;
  return (
    <div
      class={`file-row${isDirectory ? " opens" : ""}${change === "removed" ? " removed" : ""}`}
      role="row"
      aria-rowindex={index + 1}
      aria-level={depth}
      aria-expanded={isDirectory ? isOpen : undefined}
      tabIndex={isActive ? 0 : -1}
      style={{ top: `${index * rowHeight}px` }}
      onClick={isDirectory ? onToggle : undefined}
      onKeyDown={onKey}
      onFocus={onFocus}
    >
      <span role="gridcell" class={`file-mark ${change ?? ""}`} title={change}>
        {change === undefined ? "" : marks[change]}
        {change !== undefined && <span class="hidden-text">{change}</span>}
      </span>
      <span role="gridcell" class="file-name" style={{ paddingLeft: `${(depth - 1) * 16}px` }}>
        {isDirectory ? <Twist isOpen={isOpen} /> : <span class="twist" />}
        <Icon name={isDirectory ? "folder" : node.kind === "symlink" ? "link" : "file"} />
        <span class="file-text clip" title={node.path}>
          {node.name}
          {node.target !== undefined && <span class="muted"> → {node.target}</span>}
        </span>
      </span>
      <span role="gridcell" class="muted mono right">
        {modeText(node)}
      </span>
      <span role="gridcell" class="number right">
        {bytes(node.size)}
      </span>
    </div>
  );
}

function Twist({ isOpen }: { readonly isOpen: boolean }) {
  return (
    <svg class={`icon twist${isOpen ? " open" : ""}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d="M6 3.5 10.5 8 6 12.5" />
    </svg>
  );
}

/** `rwxr-xr-x` */
export function modeText({ mode }: Pick<FileNode, "mode">): string {
  return [8, 7, 6, 5, 4, 3, 2, 1, 0].map((bit) => ((mode >> bit) & 1 ? "xwr"[bit % 3] : "-")).join("");
}

/** What is open at first: the way down as long as there is only one. */
function firstOpen(root: FileNode): ReadonlySet<string> {
  const open = new Set<string>();
  let node: FileNode | undefined = root;
  while (node !== undefined && node.children.size === 1) {
    node = [...node.children.values()][0];
    if (node !== undefined) open.add(node.path);
  }
  return open;
}
