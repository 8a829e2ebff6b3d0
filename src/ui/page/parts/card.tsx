import type { ComponentChildren } from "preact";

interface CardProps {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly whole?: boolean;
  readonly children: ComponentChildren;
}

export function Card({ title, aside, whole = false, children }: CardProps) {
  return (
    <section class={`card${whole ? " whole" : ""}`} aria-label={title}>
      <div class="row">
        <h2 class="grow">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export type Pair = readonly [ComponentChildren, ComponentChildren];

interface PairsProps {
  readonly pairs: readonly Pair[];
  /** Said when there are none. */
  readonly empty?: string;
  readonly mono?: boolean;
}

/** Names and values, one a line. */
export function Pairs({ pairs, empty = "Nothing.", mono = false }: PairsProps) {
  if (pairs.length === 0) return <p class="muted">{empty}</p>;
  return (
    <dl class={`pairs${mono ? " mono" : ""}`}>
      {pairs.map(([name, value], at) => (
        <PairLine key={at} name={name} value={value} />
      ))}
    </dl>
  );
}

function PairLine({ name, value }: { readonly name: ComponentChildren; readonly value: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
