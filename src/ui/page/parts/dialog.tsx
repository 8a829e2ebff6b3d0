import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { messageFrom } from "../data/api.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface DialogProps {
  readonly title: string;
  /** What the main button says. */
  readonly action?: string;
  readonly danger?: boolean;
  readonly wide?: boolean;
  readonly disabled?: boolean;
  readonly onClose: () => void;
  /** Closes when it resolves; what it throws is shown. */
  readonly onSubmit?: () => Promise<void>;
  readonly children: ComponentChildren;
}

/** A modal dialog; Escape closes it, Enter in a field submits it, focus goes back to where it was. */
export function Dialog({
  title,
  action,
  danger = false,
  wide,
  disabled,
  onClose,
  onSubmit,
  children,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await onSubmit?.();
      onClose();
    } catch (reason) {
      setError(messageFrom(reason));
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class={`dialog${wide ? " wide" : ""}`} aria-labelledby={id} onClose={onClose}>
      <form class="dialog-form" onSubmit={submit}>
        <div class="dialog-head">
          <h2 id={id}>{title}</h2>
        </div>
        <div class="dialog-body">
          {children}
          {error !== undefined && (
            <div class="callout bad" role="alert">
              <Icon name="alert" />
              <span>{error}</span>
            </div>
          )}
        </div>
        <div class="dialog-foot">
          <Button onClick={onClose}>{onSubmit ? "Cancel" : "Close"}</Button>
          {onSubmit && (
            <Button type="submit" kind={danger ? "danger" : "primary"} disabled={busy || disabled === true}>
              {action ?? "OK"}
            </Button>
          )}
        </div>
      </form>
    </dialog>
  );
}
