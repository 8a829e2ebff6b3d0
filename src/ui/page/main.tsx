import { render } from "preact";
import { App, AppContext, type ServerFacts } from "./app/app.ts";
import { Shell } from "./app/shell.tsx";
import { listenToKeys } from "./app/shortcuts.ts";
import { followTheme } from "./app/theme.ts";

const unknown: ServerFacts = { readOnly: true, version: "", engine: "" };

function start(place: HTMLElement): void {
  const app = new App(unknown);
  followTheme();
  listenToKeys(app);
  setInterval(() => (app.now.value = Date.now()), 5000);
  void learnFacts(app);
  void app.live.run(new AbortController().signal);
  place.replaceChildren();
  render(
    <AppContext.Provider value={app}>
      <Shell />
    </AppContext.Provider>,
    place,
  );
}

/** Until the server has said otherwise nothing can be changed. */
async function learnFacts(app: App): Promise<void> {
  const response = await fetch("/ui/session").catch(() => undefined);
  if (response?.ok === true) app.server.value = (await response.json()) as ServerFacts;
  else setTimeout(() => void learnFacts(app), 2000);
}

const place = document.getElementById("app");
if (place !== null) start(place);
