import type { ComponentChildren } from "preact";
import { useApp } from "./app.ts";

interface LinkProps {
  readonly to: string;
  readonly class?: string;
  readonly current?: boolean;
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** Moves within the page; a modified click does what the browser does. */
export function Link({ to, class: className, current = false, title, children }: LinkProps) {
  const { router } = useApp();
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.go(to);
  };
  return (
    <a
      href={to}
      class={className}
      title={title}
      aria-current={current ? "page" : undefined}
      onClick={onClick}
    >
      {children}
    </a>
  );
}
