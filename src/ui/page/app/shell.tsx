import { Banner } from "./banner.tsx";
import { useApp } from "./app.ts";
import { Nav } from "./nav.tsx";
import { Toasts } from "./toasts.tsx";
import { CurrentView } from "../views/current-view.tsx";

/** The whole page. */
export function Shell() {
  const { live, dialog } = useApp();
  const isStale = !["live", "connecting"].includes(live.connection.value);
  return (
    <div class="shell">
      <a class="skip-link" href="#main">
        Skip to content
      </a>
      <Nav />
      <main class={`main${isStale ? " is-stale" : ""}`} id="main" tabIndex={-1}>
        <Banner />
        <CurrentView />
      </main>
      <Toasts />
      {dialog.value}
    </div>
  );
}
