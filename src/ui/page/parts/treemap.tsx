import { useEffect, useRef, useState } from "preact/hooks";
import { squarify } from "./squarify.ts";

export interface TreemapItem {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  /** What is shown below the name, and read out. */
  readonly text: string;
  /** 1 to 8: a hue of the palette. */
  readonly hue: number;
}

interface TreemapProps {
  readonly label: string;
  readonly items: readonly TreemapItem[];
  readonly onOpen?: (key: string) => void;
  readonly canOpen?: (key: string) => boolean;
  readonly chosen?: string | undefined;
}

const largest = 160;

/** Areas by size. Each is a button when it leads somewhere, in the order of size for screen readers and the keyboard. */
export function Treemap({ label, items, onOpen, canOpen = () => onOpen !== undefined }: TreemapProps) {
  const place = useRef<HTMLDivElement>(null);
  const [box, setBox] = useState({ width: 800, height: 400 });
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setBox({ width: element.clientWidth || 1, height: element.clientHeight || 1 }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const tiles = squarify(together(items), ({ size }) => size, box.width / box.height);
  return (
    <div class="treemap" ref={place} role="group" aria-label={label}>
      {tiles.map(({ item, x, y, width, height }) => {
        const [w, h] = [width * box.width, height * box.height];
        const style = {
          left: `${x * 100}%`,
          top: `${y * 100}%`,
          width: `${width * 100}%`,
          height: `${height * 100}%`,
          background: `var(--tile-${item.hue})`,
        };
        const shows = w > 44 && h > 22;
        const words = (
          <>
            <span class={shows ? "tile-name" : "hidden-text"}>{item.name}</span>
            <span class={shows && h > 38 ? "tile-size" : "hidden-text"}>{item.text}</span>
          </>
        );
        const title = `${item.name}: ${item.text}`;
        return canOpen(item.key) ? (
          <button
            key={item.key}
            type="button"
            class="tile"
            style={style}
            title={title}
            onClick={() => onOpen?.(item.key)}
          >
            {words}
          </button>
        ) : (
          <div key={item.key} class="tile" style={style} title={title}>
            {words}
          </div>
        );
      })}
    </div>
  );
}

/** The smallest of very many are one. */
function together(items: readonly TreemapItem[]): readonly TreemapItem[] {
  if (items.length <= largest) return items;
  const sorted = items.toSorted((a, b) => b.size - a.size);
  const small = sorted.slice(largest);
  const size = small.reduce((sum, item) => sum + item.size, 0);
  const rest = { key: "\0rest", name: `${small.length} smaller ones`, size, text: "", hue: 8 };
  return [...sorted.slice(0, largest), rest];
}
