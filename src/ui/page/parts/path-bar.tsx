interface PathBarProps {
  readonly parts: readonly string[];
  /** 0 is the root. */
  readonly onGo: (depth: number) => void;
}

/** A path whose parts lead back. */
export function PathBar({ parts, onGo }: PathBarProps) {
  return (
    <nav class="path-bar" aria-label="Path">
      <button type="button" onClick={() => onGo(0)}>
        /
      </button>
      {parts.map((part, at) => (
        <span key={`${at} ${part}`}>
          {at > 0 && <span class="muted">/</span>}
          <button
            type="button"
            aria-current={at === parts.length - 1 ? "location" : undefined}
            onClick={() => onGo(at + 1)}
          >
            {part}
          </button>
        </span>
      ))}
    </nav>
  );
}
