import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { messageFrom } from "../data/api.ts";
import type { Resource } from "../data/resource.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";

interface EmptyProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** Nothing is there, and what to do about it. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div class="state-page">
      <span class="state-icon">
        <Icon name={icon} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Shown only when the answer takes a while, so that quick ones do not flicker. */
export function Loading() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div class="skeleton-rows" role="status" aria-label="Loading">
      {[62, 48, 71, 55, 40].map((width) => (
        <div key={width} class="skeleton" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  readonly retry: () => void;
}

export function Failure({ error, retry }: FailureProps) {
  return (
    <div class="state-page" role="alert">
      <span class="state-icon bad">
        <Icon name="alert" />
      </span>
      <h2>That did not work</h2>
      <p>{messageFrom(error)}</p>
      <Button icon="restart" onClick={retry}>
        Try again
      </Button>
    </div>
  );
}

interface LoadedProps<T> {
  readonly of: Resource<T>;
  readonly children: (data: T) => ComponentChildren;
}

/** A resource once it is there; before that its loading state, or why it is not. What was shown once stays. */
export function Loaded<T>({ of, children }: LoadedProps<T>) {
  const data = of.data.value;
  if (data !== undefined) return <>{children(data)}</>;
  if (of.error.value !== undefined) return <Failure error={of.error.value} retry={of.refresh} />;
  return <Loading />;
}
