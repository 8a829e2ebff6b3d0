import { computed, signal, type ReadonlySignal } from "@preact/signals";

/** Where the page is: the path of its address, and moving to another one. */
export class Router {
  readonly #location = signal(location.pathname + location.search);

  constructor() {
    addEventListener("popstate", () => (this.#location.value = location.pathname + location.search));
  }

  /** Decoded segments of the path. */
  readonly segments: ReadonlySignal<readonly string[]> = computed(() => {
    const path = this.#location.value.split("?", 1)[0] ?? "/";
    return path
      .split("/")
      .filter((part) => part !== "")
      .map(decodeSegment);
  });

  readonly query: ReadonlySignal<URLSearchParams> = computed(
    () => new URLSearchParams(this.#location.value.split("?")[1] ?? ""),
  );

  go(path: string, { replace = false } = {}): void {
    if (path === this.#location.value) return;
    if (replace) history.replaceState(undefined, "", path);
    else history.pushState(undefined, "", path);
    this.#location.value = path;
  }
}

/** A path of the page, with each segment encoded. */
export function pagePath(...segments: readonly string[]): string {
  return `/${segments.map(encodeURIComponent).join("/")}`;
}

function decodeSegment(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
