import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon, type IconName } from "./icon.tsx";

interface ButtonProps {
  readonly onClick?: () => unknown;
  readonly kind?: "primary" | "danger" | "ghost";
  readonly icon?: IconName;
  readonly small?: boolean;
  readonly disabled?: boolean;
  readonly type?: "button" | "submit";
  readonly pressed?: boolean;
  readonly title?: string;
  readonly children?: ComponentChildren;
}

/** Disabled while what it started goes on. */
export function Button({
  onClick,
  kind,
  icon,
  small,
  disabled,
  type = "button",
  pressed,
  title,
  children,
}: ButtonProps) {
  const [busy, run] = useBusy(onClick);
  const className = ["button", kind, small && "small"].filter(Boolean).join(" ");
  return (
    <button
      type={type}
      class={className}
      disabled={disabled || busy}
      aria-pressed={pressed}
      title={title}
      onClick={run}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "children" | "small" | "icon"> {
  readonly icon: IconName;
  /** What it does, for the tooltip and for screen readers. */
  readonly label: string;
}

export function IconButton({ onClick, kind = "ghost", icon, label, disabled, pressed }: IconButtonProps) {
  const [busy, run] = useBusy(onClick);
  return (
    <button
      type="button"
      class={`button icon-only ${kind === "danger" ? "ghost danger" : kind}`}
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled || busy}
      onClick={run}
    >
      <Icon name={icon} />
    </button>
  );
}

function useBusy(work: ButtonProps["onClick"]): [boolean, (event: Event) => void] {
  const [busy, setBusy] = useState(false);
  const run = (event: Event) => {
    if (work === undefined) return;
    event.stopPropagation();
    const done = work();
    if (!(done instanceof Promise)) return;
    setBusy(true);
    void done.finally(() => setBusy(false));
  };
  return [busy, run];
}
