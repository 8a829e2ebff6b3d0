import { randomBytes } from "node:crypto";
import {
  context,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type AttributeValue,
  type Context,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type SpanStatus,
  type TimeInput,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";

/** What an ended span is exported from. Times are milliseconds since 1970, with fractions. */
export interface EndedSpan {
  readonly scope: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parentSpanId: string | undefined;
  readonly began: number;
  readonly ended: number;
  readonly attributes: Attributes;
  readonly links: readonly Link[];
  readonly events: readonly { name: string; time: number; attributes: Attributes }[];
  readonly status: SpanStatus;
}

/** Records every span, and gives it to `ended` at its end. */
export class RecordingTracerProvider implements TracerProvider {
  readonly #ended: (span: EndedSpan) => void;

  constructor(ended: (span: EndedSpan) => void) {
    this.#ended = ended;
  }

  getTracer(scope: string): Tracer {
    return new RecordingTracer(scope, this.#ended);
  }
}

class RecordingTracer implements Tracer {
  constructor(
    readonly scope: string,
    readonly ended: (span: EndedSpan) => void,
  ) {}

  startSpan(name: string, options: SpanOptions = {}, within: Context = context.active()): Span {
    const parent = options.root === true ? undefined : trace.getSpanContext(within);
    return new RecordingSpan(this, name, options, parent);
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<F> {
    const work = rest.at(-1) as F;
    const [options, within = context.active()] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const span = this.startSpan(name, options, within);
    return context.with(trace.setSpan(within, span), () => work(span)) as ReturnType<F>;
  }
}

class RecordingSpan implements Span {
  readonly #tracer: RecordingTracer;
  readonly #context: SpanContext;
  readonly #began: number;
  readonly #options: SpanOptions;
  readonly #parentSpanId: string | undefined;
  readonly #attributes: Attributes = {};
  readonly #links: Link[] = [];
  readonly #events: { name: string; time: number; attributes: Attributes }[] = [];
  #name: string;
  #status: SpanStatus = { code: SpanStatusCode.UNSET };
  #open = true;

  constructor(tracer: RecordingTracer, name: string, options: SpanOptions, parent: SpanContext | undefined) {
    this.#tracer = tracer;
    this.#name = name;
    this.#options = options;
    this.#parentSpanId = parent?.spanId;
    this.#began = milliseconds(options.startTime);
    this.#context = {
      traceId: parent?.traceId ?? randomBytes(16).toString("hex"),
      spanId: randomBytes(8).toString("hex"),
      traceFlags: TraceFlags.SAMPLED,
    };
    this.setAttributes(options.attributes ?? {}).addLinks(options.links ?? []);
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  setAttribute(key: string, value: AttributeValue): this {
    this.#attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    Object.assign(this.#attributes, attributes);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    const plain = isTime(attributesOrTime);
    const at = milliseconds(plain ? attributesOrTime : time);
    this.#events.push({ name, time: at, attributes: plain ? {} : (attributesOrTime ?? {}) });
    return this;
  }

  addLink(link: Link): this {
    this.#links.push(link);
    return this;
  }

  addLinks(links: Link[]): this {
    this.#links.push(...links);
    return this;
  }

  setStatus(status: SpanStatus): this {
    this.#status = status;
    return this;
  }

  updateName(name: string): this {
    this.#name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const message = typeof exception === "string" ? exception : (exception.message ?? "");
    this.addEvent("exception", { "exception.message": message }, time);
  }

  isRecording(): boolean {
    return this.#open;
  }

  end(time?: TimeInput): void {
    if (!this.#open) return;
    this.#open = false;
    this.#tracer.ended({
      scope: this.#tracer.scope,
      name: this.#name,
      kind: this.#options.kind ?? SpanKind.INTERNAL,
      context: this.#context,
      parentSpanId: this.#parentSpanId,
      began: this.#began,
      ended: milliseconds(time),
      attributes: this.#attributes,
      links: this.#links,
      events: this.#events,
      status: this.#status,
    });
  }
}

function isTime(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === "number" || value instanceof Date || Array.isArray(value);
}

/** Of all forms of the API's `TimeInput`; of now when absent. Small numbers are `performance.now()`'s. */
function milliseconds(time: TimeInput | undefined): number {
  if (time === undefined) return performance.timeOrigin + performance.now();
  if (time instanceof Date) return time.getTime();
  if (typeof time === "number") return time < performance.timeOrigin ? performance.timeOrigin + time : time;
  return time[0] * 1000 + time[1] / 1e6;
}
