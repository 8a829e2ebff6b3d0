import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { withStyleNonce } from "./style-nonce.ts";

interface OpenOptions {
  readonly path: string;
  /** Told once, in words. */
  readonly onEnd: (how: string) => void;
  /** Ends it: the process loses its terminal. */
  readonly signal: AbortSignal;
}

const theme = {
  background: "#10161b",
  foreground: "#dbe4ea",
  cursor: "#53c3d1",
  selectionBackground: "#2c5560",
};

/** Joins a terminal in `place` with a process. It has the size of its place, also when that changes. */
export function openTerminal(place: HTMLElement, { path, onEnd, signal }: OpenOptions): void {
  const fontFamily = getComputedStyle(place).getPropertyValue("--mono");
  const terminal = new Terminal({
    fontFamily,
    fontSize: 13,
    theme,
    cursorBlink: true,
    screenReaderMode: true,
    scrollback: 5000,
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  withStyleNonce(() => terminal.open(place));
  fit.fit();
  const socket = new WebSocket(`${path}&h=${terminal.rows}&w=${terminal.cols}`);
  socket.binaryType = "arraybuffer";
  let end = "The connection was lost";
  socket.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer | string>) => {
    if (typeof data === "string") end = lastWord(data);
    else terminal.write(new Uint8Array(data));
  });
  socket.addEventListener("close", () => !signal.aborted && onEnd(end));
  const send = (bytes: Uint8Array<ArrayBuffer>) => socket.readyState === WebSocket.OPEN && socket.send(bytes);
  terminal.onData((text) => send(new TextEncoder().encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (character) => character.charCodeAt(0))));
  terminal.onResize(({ rows, cols }) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ resize: [rows, cols] }));
  });
  const observer = new ResizeObserver(() => fit.fit());
  observer.observe(place);
  signal.addEventListener("abort", () => {
    observer.disconnect();
    socket.close();
    terminal.dispose();
  });
  terminal.focus();
}

function lastWord(text: string): string {
  const { exit, error } = JSON.parse(text) as { exit?: number | null; error?: string };
  if (error !== undefined) return error;
  return exit === 0 ? "It ended." : `It ended with exit code ${exit ?? "unknown"}.`;
}
