import type { Signal } from "@preact/signals";
import { Icon } from "./icon.tsx";

interface SearchBoxProps {
  readonly value: Signal<string>;
  readonly label: string;
  readonly onEnter?: () => void;
}

/** Filters what is below it; `/` goes to the first one of a view. */
export function SearchBox({ value, label, onEnter }: SearchBoxProps) {
  return (
    <div class="search">
      <Icon name="search" />
      <input
        type="search"
        class="input"
        data-search
        aria-label={label}
        placeholder={label}
        spellcheck={false}
        value={value.value}
        onInput={(event) => (value.value = event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onEnter?.();
          if (event.key === "Escape") {
            value.value = "";
            event.currentTarget.blur();
          }
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </div>
  );
}
