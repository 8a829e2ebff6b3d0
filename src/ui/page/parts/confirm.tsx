import { useSignal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Dialog } from "./dialog.tsx";
import { Check } from "./field.tsx";

interface ConfirmProps {
  readonly title: string;
  readonly action: string;
  /** Asked beside; its value goes to the work. */
  readonly force?: string;
  readonly onClose: () => void;
  readonly work: (force: boolean) => Promise<void>;
  readonly children: ComponentChildren;
}

/** Asks before something is gone. */
export function Confirm({ title, action, force, onClose, work, children }: ConfirmProps) {
  const isForced: Signal<boolean> = useSignal(false);
  return (
    <Dialog title={title} action={action} danger onClose={onClose} onSubmit={() => work(isForced.value)}>
      <div>{children}</div>
      {force !== undefined && <Check label={force} value={isForced} />}
    </Dialog>
  );
}
