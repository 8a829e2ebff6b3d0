import { useApp } from "./app.ts";

/** Says when what is shown may be old, and why. */
export function Banner() {
  const { live, server } = useApp();
  switch (live.connection.value) {
    case "engine-away":
      return (
        <div class="banner" role="status">
          <span class="banner-pulse" aria-hidden="true" />
          <span>
            <strong>The engine does not answer.</strong> What you see is how it was. Any slipway command
            starts it again; this page reconnects by itself. <span class="muted">{server.value.engine}</span>
          </span>
        </div>
      );
    case "server-away":
      return (
        <div class="banner" role="status">
          <span class="banner-pulse" aria-hidden="true" />
          <span>
            <strong>The page lost its server.</strong> “slipway ui” has ended, or the line to it is broken.
            The page reconnects by itself.
          </span>
        </div>
      );
    case "no-session":
      return (
        <div class="banner bad" role="alert">
          <span>
            <strong>This page’s session has ended.</strong> “slipway ui” was started anew: open the link it
            printed.
          </span>
        </div>
      );
    default:
      return null;
  }
}
