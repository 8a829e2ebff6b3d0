import type { Trace } from "../internal/trace.ts";
import type { OpHandler, OpHandlers } from "./op-handler.ts";
import type { Op } from "./vertex.ts";

/** Measures the keying and the carrying out of each step. */
export function withTrace(handlers: OpHandlers, trace: Trace): OpHandlers {
  const wrap = <O extends Op>(handler: OpHandler<O>): OpHandler<O> => ({
    ...handler,
    cacheKey: (op, inputKeys, context) =>
      trace.span(`key of ${context.vertex.name}`, () => handler.cacheKey(op, inputKeys, context)),
    exec: (op, inputs, context) => trace.span(context.vertex.name, () => handler.exec(op, inputs, context)),
  });
  return {
    image: wrap(handlers.image),
    git: wrap(handlers.git),
    download: wrap(handlers.download),
    mkdir: wrap(handlers.mkdir),
    copy: wrap(handlers.copy),
    exec: wrap(handlers.exec),
  };
}
