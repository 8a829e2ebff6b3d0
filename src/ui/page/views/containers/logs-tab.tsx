import { useSignal, useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { useApp } from "../../app/app.ts";
import { ApiError } from "../../data/api.ts";
import { saveBlob } from "../../data/save-blob.ts";
import { streamBytes } from "../../data/stream.ts";
import { Button, IconButton } from "../../parts/button.tsx";
import { Check } from "../../parts/field.tsx";
import { LogBuffer } from "../../parts/log-buffer.ts";
import { LogSearch } from "../../parts/log-search.ts";
import { LogView } from "../../parts/log-view.tsx";
import { SearchBox } from "../../parts/search-box.tsx";
import { outputDecoder } from "./output-frames.ts";

interface LogsTabProps {
  readonly id: string;
  readonly name: string;
  readonly tty: boolean;
  /** When it started: another start is another stream. */
  readonly startedAt: string;
}

/** The newest lines to begin with. */
const shownLines = 100_000;

/** A container's output, live: follow, search, download. */
export function LogsTab({ id, name, tty, startedAt }: LogsTabProps) {
  const app = useApp();
  const [follows, showTime, search] = [useSignal(true), useSignal(false), useSignal("")];
  const at = useSignal<number | undefined>(undefined);
  const buffer = useMemo(() => new LogBuffer({ stamped: true }), [id, startedAt, app.live.epoch.value]);
  const find = useMemo(() => new LogSearch(buffer), [buffer]);
  useSignalEffect(() => {
    const left = new AbortController();
    void follow(id, tty, buffer, left.signal);
    return () => left.abort();
  });
  const version = buffer.version.value;
  const hits = useMemo(() => find.hits(search.value), [find, search.value, version]);
  const go = (step: number) => {
    if (hits.length === 0) return;
    follows.value = false;
    const now = at.value === undefined ? (step > 0 ? -1 : 0) : at.value;
    at.value = (now + step + hits.length) % hits.length;
  };
  const download = () => app.attempt(() => downloadLogs(id, name, tty));
  return (
    <>
      <div class="log-tools">
        <SearchBox value={search} label="Search the logs" onEnter={() => go(1)} />
        {search.value !== "" && (
          <span class="row" role="status">
            <span class="number soft">
              {hits.length === 0
                ? "nothing found"
                : `${at.value === undefined ? "–" : at.value + 1} of ${hits.length}`}
            </span>
            <Button small disabled={hits.length === 0} onClick={() => go(-1)}>
              Previous
            </Button>
            <Button small disabled={hits.length === 0} onClick={() => go(1)}>
              Next
            </Button>
          </span>
        )}
        <span class="grow" />
        <span class="muted number">{buffer.lines.length.toLocaleString("en")} lines</span>
        <Check label="Times" value={showTime} />
        <Check label="Follow" value={follows} />
        <IconButton icon="download" label="Download the whole log" onClick={download} />
      </div>
      <LogView
        buffer={buffer}
        label={`Log of ${name}`}
        follows={follows}
        search={search.value}
        current={at.value === undefined ? undefined : hits[at.value]}
        showTime={showTime.value}
        empty="It has said nothing yet."
      />
    </>
  );
}

async function follow(id: string, tty: boolean, buffer: LogBuffer, signal: AbortSignal): Promise<void> {
  const query = { follow: true, stdout: true, stderr: true, timestamps: true, tail: shownLines };
  const decode = outputDecoder(tty);
  try {
    for await (const chunk of streamBytes(`/containers/${id}/logs`, query, signal)) {
      for (const { text, isError } of decode(chunk)) buffer.add(text, isError);
    }
    buffer.finish();
  } catch (error) {
    // A lost line shows in the banner, and the stream begins anew when it is back.
    if (error instanceof ApiError && error.status >= 400 && error.status < 500)
      buffer.add(`${error.message}\n`, true);
  }
}

async function downloadLogs(id: string, name: string, tty: boolean): Promise<void> {
  const decode = outputDecoder(tty);
  const parts: string[] = [];
  const query = { stdout: true, stderr: true, timestamps: true };
  for await (const chunk of streamBytes(`/containers/${id}/logs`, query, new AbortController().signal))
    for (const { text } of decode(chunk)) parts.push(text);
  saveBlob(new Blob(parts, { type: "text/plain" }), `${name}.log`);
}
