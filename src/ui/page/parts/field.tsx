import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";

interface FieldProps {
  readonly label: string;
  readonly value: Signal<string>;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly mono?: boolean;
  readonly rows?: number;
  readonly type?: "text" | "password";
  readonly whole?: boolean;
  readonly focus?: boolean;
}

/** A labelled text field; with `rows`, of several lines. */
export function Field({
  label,
  value,
  hint,
  placeholder,
  mono,
  rows,
  type = "text",
  whole,
  focus,
}: FieldProps) {
  const id = useId();
  const shared = {
    id,
    class: `input${mono ? " mono" : ""}`,
    value: value.value,
    placeholder,
    autoFocus: focus,
    autoComplete: "off",
    spellcheck: false,
    "aria-describedby": hint === undefined ? undefined : `${id}-hint`,
  };
  const onInput = (event: { currentTarget: { value: string } }) => (value.value = event.currentTarget.value);
  return (
    <div class={`field${whole ? " whole-line" : ""}`}>
      <label class="field-label" for={id}>
        {label}
      </label>
      {rows === undefined ? (
        <input {...shared} {...(type === "password" ? { type } : { type: "text" })} onInput={onInput} />
      ) : (
        <textarea rows={rows} {...shared} onInput={onInput} />
      )}
      {hint !== undefined && (
        <span class="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly value: Signal<boolean>;
}

export function Check({ label, value }: CheckProps) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={value.value}
        onChange={(event) => (value.value = event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}
