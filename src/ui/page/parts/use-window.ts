import { useEffect, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";

export interface Windowed {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** First row to draw, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly onScroll: () => void;
  /** Scrolls as little as needed for the row to be seen. */
  readonly reveal: (row: number) => void;
}

const beyond = 10;

/** Which of `count` rows of `height` pixels are in sight: only these are drawn, however many there are. */
export function useWindow(count: number, height: number): Windowed {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, size: 900 });
  const measure = () => {
    const element = scroller.current;
    if (element === null) return;
    const top = Math.floor(element.scrollTop / height);
    const size = element.clientHeight;
    setView((old) => (old.top === top && old.size === size ? old : { top, size }));
  };
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [scroller.current === null]);
  const reveal = (row: number) => {
    const element = scroller.current;
    if (element === null) return;
    if (row * height < element.scrollTop) element.scrollTop = row * height;
    const bottom = (row + 1) * height;
    if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
    measure();
  };
  const top = Math.min(view.top, Math.max(0, count - 1));
  const from = Math.max(0, top - beyond);
  const to = Math.min(count, top + Math.ceil(view.size / height) + beyond);
  return { scroller, from, to, onScroll: measure, reveal };
}
