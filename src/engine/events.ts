import { anyOf, type Filters } from "./filters.ts";
import type { EventFilter } from "./engine.ts";
import type { EngineEvent } from "./types/event.ts";

const remembered = 1024;

/** Keeps events beyond this process. `EventJournal` is one. */
export interface EventKeeper {
  read(): EngineEvent[];
  append(event: EngineEvent): void;
}

/**
 * What happened, for everyone who asks: the last 1,024 events are kept for `since`, also those of earlier engines when
 * there is a keeper. Never waits for a slow listener.
 */
export class Events {
  readonly #past: EngineEvent[];
  readonly #keeper: EventKeeper | undefined;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #now: () => number;

  /** `now`: milliseconds since the epoch, with fractions. */
  constructor(now: () => number, keeper?: EventKeeper) {
    this.#now = now;
    this.#keeper = keeper;
    this.#past = (keeper?.read() ?? []).slice(-remembered);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  publish(
    type: EngineEvent["Type"],
    action: string,
    id: string,
    attributes: Record<string, string> = {},
  ): void {
    const event = makeEvent(type, action, id, attributes, this.#now());
    this.#past.push(event);
    this.#keep(event);
    if (this.#past.length > remembered) this.#past.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** A full disk must not stop what the event tells of. */
  #keep(event: EngineEvent): void {
    try {
      this.#keeper?.append(event);
    } catch {
      // It is still told to those who listen.
    }
  }

  /** Past events from `since` on, then live ones until `until` or the signal. */
  async *stream(filter: EventFilter = {}, signal?: AbortSignal): AsyncIterable<EngineEvent> {
    const queue: EngineEvent[] = filter.since === undefined ? [] : this.#since(filter.since);
    let wake = () => {};
    const listener = (event: EngineEvent) => (queue.push(event), wake());
    const until = filter.until?.getTime();
    this.#listeners.add(listener);
    let timer: NodeJS.Timeout | undefined;
    const onAbort = () => wake();
    signal?.addEventListener("abort", onAbort);
    try {
      for (;;) {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
          if (until !== undefined && event.timeNano / 1e6 > until) return;
          if (matches(event, filter.filters)) yield event;
        }
        if (signal?.aborted || (until !== undefined && this.#now() >= until)) return;
        // A timer may go off a moment early: it is set again for what is left.
        const left = until === undefined ? undefined : Math.ceil(until - this.#now());
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (left !== undefined) timer = setTimeout(resolve, left);
        });
        clearTimeout(timer);
      }
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#listeners.delete(listener);
    }
  }

  #since(since: Date): EngineEvent[] {
    return this.#past.filter((event) => event.timeNano / 1e6 >= since.getTime());
  }
}

function makeEvent(
  type: EngineEvent["Type"],
  action: string,
  id: string,
  attributes: Record<string, string>,
  now: number,
): EngineEvent {
  const event: EngineEvent = {
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: "local",
    time: Math.floor(now / 1000),
    timeNano: Math.floor(now * 1e6),
  };
  if (type !== "container" && type !== "image") return event;
  const from = attributes["image"];
  return { status: action, id, ...(from === undefined ? {} : { from }), ...event };
}

/** Docker's filter keys: an object's own kind names it (`container=web`), `event=die`, `type=container`, `label=…`. */
function matches(event: EngineEvent, filters: Filters | undefined): boolean {
  const { ID, Attributes } = event.Actor;
  const names = [ID, ID.slice(0, 12), Attributes["name"]];
  const isActor = (value: string) => names.includes(value) || ID.startsWith(value);
  const ofKind = (kind: string) =>
    anyOf(filters, kind, (value) => {
      if (kind === "image" && Attributes["image"] === value) return true;
      if (kind !== event.Type) return Attributes[kind] === value;
      return isActor(value);
    });
  return (
    anyOf(filters, "type", (value) => value === event.Type) &&
    anyOf(filters, "event", (value) => event.Action === value || event.Action.startsWith(`${value}:`)) &&
    anyOf(filters, "scope", (value) => value === event.scope) &&
    ["container", "image", "network", "volume", "daemon"].every(ofKind) &&
    (filters?.["label"] ?? []).every((label) => attributeMatches(Attributes, label))
  );
}

function attributeMatches(attributes: Record<string, string>, label: string): boolean {
  const equals = label.indexOf("=");
  if (equals < 0) return Object.hasOwn(attributes, label);
  return attributes[label.slice(0, equals)] === label.slice(equals + 1);
}
