import { useApp } from "./app.ts";
import { places } from "./places.ts";
import { Dialog } from "../parts/dialog.tsx";

/** The keys, listed. */
export function Help() {
  const app = useApp();
  const all = places.flatMap((group) => group.places);
  return (
    <Dialog title="Keyboard" onClose={app.closeDialog}>
      <div class="key-list">
        {all.map(({ key, title }) => (
          <Keys key={key} keys={["g", key]} what={title} />
        ))}
        <Keys keys={["/"]} what="Filter or search" />
        <Keys keys={["j"]} what="Into the list; then arrows, Home, End, Page Up, Page Down" />
        <Keys keys={["Enter"]} what="Open the row" />
        <Keys keys={["←", "→"]} what="Previous and next tab; close and open a folder" />
        <Keys keys={["Esc"]} what="Close a dialog, clear a filter" />
        <Keys keys={["?"]} what="This list" />
      </div>
      <p class="muted">
        Slipway is free software; so is what this page is made of:{" "}
        <a href="/assets/licences.txt" target="_blank" rel="noreferrer">
          licences
        </a>
        .
      </p>
    </Dialog>
  );
}

function Keys({ keys, what }: { readonly keys: readonly string[]; readonly what: string }) {
  return (
    <>
      <span class="row">
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </span>
      <span>{what}</span>
    </>
  );
}
