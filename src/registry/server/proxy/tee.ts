import type { BlobReader } from "../../../oci/content.ts";
import { Handoff } from "../../../internal/handoff.ts";

type Store = (content: AsyncIterable<Uint8Array>) => Promise<void>;

/**
 * A body for the client out of `reader`, which is stored on its way. A client that leaves does not stop the storing;
 * a storage that fails does not stop the client. The body fails when the reader does: what is corrupt never ends well.
 */
export function teeToStorage(
  reader: BlobReader,
  opening: Promise<Store> | undefined,
  on: { ended(): void; onError(error: unknown): void },
): ReadableStream<Uint8Array> {
  const client = new Handoff<Uint8Array>();
  let left = false;
  const give = async (chunk: Uint8Array): Promise<void> => {
    if (left) return;
    await client.put(chunk).catch(() => {
      left = true;
    });
  };
  const work = run(reader, opening, give, on.onError);
  void work.then(
    () => client.end(),
    (error: unknown) => client.end({ error }),
  );
  void work.finally(on.ended).catch(() => {});
  const chunks = client[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await chunks.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: async () => void (await chunks.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}

async function run(
  reader: BlobReader,
  opening: Promise<Store> | undefined,
  give: (chunk: Uint8Array) => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  await using open = reader;
  const store = await opening?.catch((error: unknown) => void onError(error));
  if (!store) {
    for await (const chunk of open) await give(chunk);
    return;
  }
  const chunks = open[Symbol.asyncIterator]();
  let broken: { readonly error: unknown } | undefined;
  const passing = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = await chunks.next().catch((error: unknown) => {
        broken = { error };
        throw error;
      });
      if (next.done === true) return;
      yield next.value;
      await give(next.value);
    }
  };
  try {
    await store(passing());
  } catch (error) {
    if (broken !== undefined) throw broken.error;
    onError(error);
    // The rest is for the client alone.
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
      await give(next.value);
  }
}
