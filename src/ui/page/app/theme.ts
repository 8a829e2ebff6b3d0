import { signal } from "@preact/signals";

export type Theme = "dark" | "light";

/** What is shown now. */
export const shownTheme = signal<Theme>("light");

/** Follows the system until the user chooses. Returns what ends it. */
export function followTheme(): () => void {
  const media = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    const given = document.documentElement.dataset["theme"];
    shownTheme.value = given === "dark" || given === "light" ? given : media.matches ? "dark" : "light";
  };
  follow();
  media.addEventListener("change", follow);
  return () => media.removeEventListener("change", follow);
}

/** The choice is a cookie, so that the next page comes in the right colours from its first paint. */
export function setTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  shownTheme.value = theme;
  // oxlint-disable-next-line unicorn/no-document-cookie -- the server reads it
  document.cookie = `slipway_theme=${theme}; path=/; max-age=31536000; samesite=strict`;
}
