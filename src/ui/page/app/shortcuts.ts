import { h } from "preact";
import type { App } from "./app.ts";
import { Help } from "./help.tsx";
import { places } from "./places.ts";

const secondKeyMs = 1200;

/** Keys that work everywhere: `g` and a letter goes to a view, `/` to the filter, `?` to the list of keys. */
export function listenToKeys(app: App): () => void {
  let isGoing = 0;
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target))
      return;
    if (Date.now() - isGoing < secondKeyMs) {
      isGoing = 0;
      const place = places.flatMap((group) => group.places).find(({ key }) => key === event.key);
      if (place === undefined) return;
      app.router.go(`/${place.path}`);
      focusMain();
    } else if (event.key === "g") isGoing = Date.now();
    else if (event.key === "?") app.dialog.value = h(Help, {});
    else if (event.key === "/") document.querySelector<HTMLElement>("[data-search]")?.focus();
    else if (event.key === "j" || event.key === "ArrowDown") enterList();
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function enterList(): void {
  if (document.activeElement?.closest("[data-rows]")) return;
  document.querySelector<HTMLElement>('[data-rows] [tabindex="0"]')?.focus();
}

function focusMain(): void {
  document.querySelector<HTMLElement>("main")?.focus();
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable], .terminal-frame, dialog, [role=tablist]") !==
      null
  );
}
