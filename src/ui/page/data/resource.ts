import { useSignal, useSignalEffect, type ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { EngineEvent } from "../../../engine/types/event.ts";
import { useApp } from "../app/app.ts";

/** What a view shows, as it is known now. While it is asked for again the old answer stays. */
export interface Resource<T> {
  readonly data: ReadonlySignal<T | undefined>;
  readonly error: ReadonlySignal<unknown>;
  readonly refresh: () => void;
}

interface ResourceOptions {
  /** What it depends on besides the engine: another key is another resource. */
  readonly key?: string;
  /** Events after which the answer may be another one. Default: none. */
  readonly changes?: (event: EngineEvent) => boolean;
}

const quietMs = 120;
const longestMs = 1000;

/** Asks the engine, again after events that change the answer, and again when a lost engine is back. */
export function useResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
  { key = "", changes }: ResourceOptions = {},
): Resource<T> {
  const { live } = useApp();
  const [data, error, asked] = [
    useSignal<T | undefined>(undefined),
    useSignal<unknown>(undefined),
    useSignal(0),
  ];
  const [loader, matters] = [useRef(load), useRef(changes)];
  loader.current = load;
  matters.current = changes;
  const keySignal = useSignal(key);
  useEffect(() => {
    if (keySignal.value === key) return;
    data.value = undefined;
    error.value = undefined;
    keySignal.value = key;
  }, [key]);
  useSignalEffect(() => {
    const left = new AbortController();
    [live.epoch.value, asked.value, keySignal.value].join("");
    loader.current(left.signal).then(
      (value) => {
        if (left.signal.aborted) return;
        data.value = value;
        error.value = undefined;
      },
      (reason: unknown) => {
        if (!left.signal.aborted) error.value = reason;
      },
    );
    return () => left.abort();
  });
  useEffect(() => {
    const later = debounced(() => (asked.value += 1));
    const stop = live.listen((event) => matters.current?.(event) === true && later.call());
    return () => (stop(), later.cancel());
  }, []);
  return { data, error, refresh: () => (asked.value += 1) };
}

/** One call after a burst, and one a second while it lasts. */
function debounced(work: () => void): { call: () => void; cancel: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let first = 0;
  const call = () => {
    const now = Date.now();
    if (timer === undefined) first = now;
    clearTimeout(timer);
    const wait = Math.min(quietMs, Math.max(0, first + longestMs - now));
    timer = setTimeout(() => ((timer = undefined), work()), wait);
  };
  return { call, cancel: () => clearTimeout(timer) };
}
