import { useEffect, useRef } from "preact/hooks";

interface TerminalProps {
  /** Of the page's server, with its query: `/ws/exec?container=…`. */
  readonly path: string;
  readonly label: string;
  readonly onEnd: (how: string) => void;
}

/** A terminal on a process behind a web socket. Its code is loaded with the first one. */
export function TerminalView({ path, label, onEnd }: TerminalProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const left = new AbortController();
    void import("./open-terminal.ts").then(({ openTerminal }) => {
      if (!left.signal.aborted) openTerminal(element, { path, onEnd, signal: left.signal });
    });
    return () => left.abort();
  }, [path]);
  return <div class="terminal-frame" ref={place} role="application" aria-label={label} />;
}
