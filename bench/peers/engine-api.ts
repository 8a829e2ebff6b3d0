/** Requests to the socket of an engine, where a client program for each would be most of the time. */

const atOnce = 8;

/** A few at a time, in order. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += atOnce)
    results.push(...(await Promise.all(items.slice(at, at + atOnce).map(work))));
  return results;
}

/** The answer as JSON. Throws with what the engine said. */
export async function call(socket: string, method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`http://engine${path}`, {
    unix: socket,
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
