import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Link } from "../app/link.tsx";

interface ViewProps {
  readonly title: string;
  readonly count?: number | undefined;
  /** One sentence that explains the noun. */
  readonly noun?: string;
  /** Above the title: where this belongs. */
  readonly crumb?: { readonly to: string; readonly title: string };
  readonly facts?: ComponentChildren;
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** The frame of every view: what it is about, what can be done, and the thing itself. */
export function View({ title, count, noun, crumb, facts, tools, children }: ViewProps) {
  useEffect(() => {
    document.title = `${title} · Slipway`;
  }, [title]);
  return (
    <div class="view">
      <header class="view-head">
        <div class="grow">
          {crumb && (
            <nav class="crumbs" aria-label="Breadcrumb">
              <Link to={crumb.to}>{crumb.title}</Link>
              <span aria-hidden="true">/</span>
            </nav>
          )}
          <div class="view-title">
            <h1 class="clip" title={title}>
              {title}
            </h1>
            {count !== undefined && <span class="view-count">{count.toLocaleString("en")}</span>}
          </div>
          {noun !== undefined && <p class="view-noun">{noun}</p>}
          {facts !== undefined && <div class="facts">{facts}</div>}
        </div>
        {tools !== undefined && <div class="view-tools">{tools}</div>}
      </header>
      <div class="view-body">{children}</div>
    </div>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: ComponentChildren;
}

export function Fact({ name, children }: FactProps) {
  return (
    <span class="fact">
      <span>{name}</span>
      <span>{children}</span>
    </span>
  );
}
