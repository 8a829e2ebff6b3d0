import { useApp } from "./app.ts";
import { places } from "./places.ts";
import { Help } from "./help.tsx";
import { Link } from "./link.tsx";
import { setTheme, shownTheme } from "./theme.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";

/** The rail on the left, or at the top of a narrow screen. */
export function Nav() {
  const { router } = useApp();
  const current = router.segments.value[0] ?? "containers";
  return (
    <nav class="rail" aria-label="Views">
      <Link to="/containers" class="brand" title="Slipway">
        <Brand />
        <span>Slipway</span>
      </Link>
      {places.map((group) => (
        <div key={group.title} role="group" aria-label={group.title}>
          <div class="rail-group" aria-hidden="true">
            {group.title}
          </div>
          <ul>
            {group.places.map((place) => (
              <li key={place.path}>
                <Link
                  to={`/${place.path}`}
                  class="rail-link"
                  current={place.path === current}
                  title={place.title}
                >
                  <Icon name={place.icon} />
                  <span>{place.title}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <NavFoot />
    </nav>
  );
}

function NavFoot() {
  const app = useApp();
  const { version, engine } = app.server.value;
  const isLive = app.live.connection.value === "live";
  const theme = shownTheme.value;
  return (
    <div class="rail-foot">
      <div class="row wide clip" title={engine}>
        <span class={`status-dot ${isLive ? "ok" : "warn"}`} />
        <span class="clip">{isLive ? "Engine connected" : "Engine not reached"}</span>
      </div>
      <div class="row">
        <span class="grow wide">
          {version}
          {app.readOnly ? " · read-only" : ""}
        </span>
        <button
          type="button"
          class="button ghost icon-only"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={() => (app.dialog.value = <Help />)}
        >
          ?
        </button>
        <IconButton
          icon={theme === "dark" ? "sun" : "moon"}
          label={theme === "dark" ? "Light colours" : "Dark colours"}
          onClick={() => setTheme(theme === "dark" ? "light" : "dark")}
        />
      </div>
    </div>
  );
}

function Brand() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#0d7d8c" />
      <path d="M6 17h20l-3.4 6.2a3 3 0 0 1-2.6 1.6h-8a3 3 0 0 1-2.6-1.6z" fill="#fff" />
      <path d="M10 8h5v6.5h-5zM17 8h5v6.5h-5z" fill="#fff" opacity=".72" />
    </svg>
  );
}
