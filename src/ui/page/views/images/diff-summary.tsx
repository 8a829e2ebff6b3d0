import type { ImageDiff } from "../../../../engine/types/image-layers.ts";
import { bytes, plural } from "../../data/format.ts";

/** How two images differ, at a glance. */
export function DiffSummary({ diff }: { readonly diff: ImageDiff }) {
  const growth = diff.B.Size - diff.A.Size;
  return (
    <>
      <div class="stats-line">
        <Number mark="ok" value={`+ ${diff.Added.Files}`} what={`added, ${bytes(diff.Added.Bytes)}`} />
        <Number
          mark="warn"
          value={`~ ${diff.Changed.Files}`}
          what={`changed, ${bytes(diff.Changed.Bytes)}`}
        />
        <Number mark="bad" value={`− ${diff.Removed.Files}`} what={`removed, ${bytes(diff.Removed.Bytes)}`} />
        <Number mark="" value={`${growth < 0 ? "−" : "+"}${bytes(Math.abs(growth))}`} what="in all" />
        <Number
          mark=""
          value={String(diff.SharedLayers)}
          what={`of ${plural(diff.B.Layers, "layer")} shared`}
        />
      </div>
      {diff.Config.length > 0 && (
        <section class="card" style={{ marginBottom: "16px" }} aria-label="Settings that differ">
          <h2>Settings that differ</h2>
          <dl class="pairs mono">
            {diff.Config.map(({ Field, A, B }) => (
              <Setting key={Field} field={Field} a={A} b={B} />
            ))}
          </dl>
        </section>
      )}
    </>
  );
}

interface NumberProps {
  readonly mark: string;
  readonly value: string;
  readonly what: string;
}

function Number({ mark, value, what }: NumberProps) {
  return (
    <div class="big-number">
      <b class={mark}>{value}</b>
      <span>{what}</span>
    </div>
  );
}

function Setting({
  field,
  a,
  b,
}: {
  readonly field: string;
  readonly a: string | null;
  readonly b: string | null;
}) {
  return (
    <>
      <dt>{field}</dt>
      <dd>
        {a !== null && <span class={b === null ? "bad" : "muted"}>{a}</span>}
        {a !== null && " → "}
        {b === null ? <span class="muted">not set</span> : <span class={a === null ? "ok" : ""}>{b}</span>}
      </dd>
    </>
  );
}
