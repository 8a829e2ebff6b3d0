import type { Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { ansiSpans } from "./ansi.ts";
import { Button } from "./button.tsx";
import type { LogBuffer, LogLine } from "./log-buffer.ts";
import { useWindow } from "./use-window.ts";

interface LogViewProps {
  readonly buffer: LogBuffer;
  readonly label: string;
  /** Follows the end; scrolling up ends it, scrolling to the end begins it again. */
  readonly follows: Signal<boolean>;
  readonly search?: string;
  /** The line to show, of those that have the search; undefined: none. */
  readonly current?: number | undefined;
  readonly showTime?: boolean;
  readonly inside?: boolean;
  readonly empty: string;
}

const height = 19;

/** Output of any length: only the lines in sight are drawn. Always text, never markup. */
export function LogView({
  buffer,
  label,
  follows,
  search = "",
  current,
  showTime = false,
  inside,
  empty,
}: LogViewProps) {
  const { lines } = buffer;
  const version = buffer.version.value;
  const { scroller, from, to, onScroll, reveal } = useWindow(lines.length, height);
  const ours = useRef(0);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || !follows.value) return;
    element.scrollTop = element.scrollHeight;
    ours.current = element.scrollTop;
    onScroll();
  }, [version, follows.value]);
  useEffect(() => {
    if (current !== undefined) reveal(current);
  }, [current]);
  const scrolled = () => {
    onScroll();
    const element = scroller.current;
    if (element === null) return;
    const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 2 * height;
    if (element.scrollTop < ours.current - height) follows.value = false;
    else if (isAtEnd) follows.value = true;
    ours.current = element.scrollTop;
  };
  return (
    <div style={{ position: "relative", display: "flex", flex: 1, minHeight: 0 }}>
      <div
        class={`log-view${inside ? " inside" : ""}`}
        ref={scroller}
        onScroll={scrolled}
        role="log"
        aria-label={label}
        aria-live="off"
        tabIndex={0}
      >
        {lines.length === 0 && (
          <p class="muted" style={{ padding: "8px 16px" }}>
            {empty}
          </p>
        )}
        <div class="log-space" style={{ height: `${lines.length * height}px` }}>
          {lines.slice(from, to).map((line, offset) => (
            <Line
              key={from + offset}
              line={line}
              top={(from + offset) * height}
              search={search}
              isCurrent={from + offset === current}
              showTime={showTime}
            />
          ))}
        </div>
      </div>
      {!follows.value && lines.length > 0 && (
        <span class="jump-end">
          <Button small onClick={() => (follows.value = true)}>
            To the end ↓
          </Button>
        </span>
      )}
    </div>
  );
}

interface LineProps {
  readonly line: LogLine;
  readonly top: number;
  readonly search: string;
  readonly isCurrent: boolean;
  readonly showTime: boolean;
}

function Line({ line, top, search, isCurrent, showTime }: LineProps) {
  const spans = ansiSpans(line.text);
  const className = `log-line${line.isError ? " err" : ""}${isCurrent ? " current" : ""}`;
  return (
    <div class={className} style={{ top: `${top}px` }}>
      {showTime && <span class="log-time">{line.time.slice(11, 23)}</span>}
      {spans.map(({ text, color, background, look }, at) => {
        const style = { ...(color && { color }), ...(background && { background }) };
        return (
          <span key={at} class={look} style={style}>
            <Marked text={text} search={search} />
          </span>
        );
      })}
    </div>
  );
}

/** The text with what was searched for marked. */
function Marked({ text, search }: { readonly text: string; readonly search: string }) {
  if (search === "") return <>{text}</>;
  const parts: (string | { readonly hit: string })[] = [];
  const lower = text.toLowerCase();
  const wanted = search.toLowerCase();
  let at = 0;
  for (let found = lower.indexOf(wanted); found >= 0; found = lower.indexOf(wanted, at)) {
    parts.push(text.slice(at, found), { hit: text.slice(found, found + wanted.length) });
    at = found + wanted.length;
  }
  parts.push(text.slice(at));
  return (
    <>{parts.map((part, index) => (typeof part === "string" ? part : <mark key={index}>{part.hit}</mark>))}</>
  );
}
