import { useApp } from "./app.ts";
import { IconButton } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";

/** What was done, or did not work; read out when it comes. */
export function Toasts() {
  const app = useApp();
  return (
    <div class="toasts" role="status" aria-live="polite">
      {app.toasts.value.map(({ id, kind, text }) => (
        <div key={id} class="toast">
          <span class={kind}>
            <Icon name={kind === "ok" ? "check" : "alert"} />
          </span>
          <span class="grow">{text}</span>
          <IconButton icon="close" label="Dismiss" onClick={() => app.dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
