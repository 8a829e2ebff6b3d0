import { SlipwayError } from "../errors.ts";
import type { BuildRequest } from "./builder.ts";
import { cacheKeyOf, type CacheKey, type OpHandler, type OpHandlers } from "./op-handler.ts";
import type { Op } from "./vertex.ts";

/**
 * The latest time that may stand in the image, in seconds since the epoch; undefined: times are what they are
 * (reproducible-builds.org, "SOURCE_DATE_EPOCH"). Throws `invalid_argument`.
 */
export function sourceDate({ sourceDateEpoch, buildArgs = {} }: BuildRequest): number | undefined {
  const given = buildArgs["SOURCE_DATE_EPOCH"];
  const text = sourceDateEpoch === undefined ? given : String(sourceDateEpoch);
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,11}$/.test(text))
    throw new SlipwayError("invalid_argument", `invalid SOURCE_DATE_EPOCH: "${text}"`);
  return Number(text);
}

/** What was made with other times is no hit. Images are what they are. */
export function withSourceDate(handlers: OpHandlers, epoch: number | undefined): OpHandlers {
  if (epoch === undefined) return handlers;
  const part = { kind: "option", name: "SOURCE_DATE_EPOCH", value: String(epoch) } as const;
  const dated = ({ parts, manifest }: CacheKey): CacheKey => cacheKeyOf([...parts, part], manifest);
  const wrap = <O extends Op>(handler: OpHandler<O>): OpHandler<O> => {
    const { contentKey } = handler;
    return {
      ...handler,
      cacheKey: async (op, inputKeys, context) => dated(await handler.cacheKey(op, inputKeys, context)),
      ...(contentKey !== undefined && {
        contentKey: async (
          op: O,
          ...rest: Parameters<typeof contentKey> extends [O, ...infer R] ? R : never
        ) => {
          const key = await contentKey(op, ...rest);
          return key === undefined ? undefined : dated(key);
        },
      }),
    };
  };
  return {
    image: handlers.image,
    git: wrap(handlers.git),
    download: wrap(handlers.download),
    mkdir: wrap(handlers.mkdir),
    copy: wrap(handlers.copy),
    exec: wrap(handlers.exec),
  };
}
