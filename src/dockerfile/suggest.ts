/** A nearer match than this is worth a suggestion. */
const maxDistance = 3;

/** ` (did you mean ADD?)` for the option nearest to what was written, or nothing. Case does not count. */
export function didYouMean(written: string, options: readonly string[]): string {
  const best = nearest(
    written.toLowerCase(),
    options.map((option) => ({ option, text: option.toLowerCase() })),
  );
  return best === undefined ? "" : ` (did you mean ${best}?)`;
}

/** The option nearest to the name of a variable, where case counts; undefined when none is near. */
export function nearestName(written: string, options: readonly string[]): string | undefined {
  return nearest(
    written,
    options.map((option) => ({ option, text: option })),
  );
}

function nearest(
  written: string,
  options: readonly { readonly option: string; readonly text: string }[],
): string | undefined {
  let best: string | undefined;
  let bestDistance = maxDistance;
  for (const { option, text } of options) {
    const distance = editDistance(written, text);
    if (distance >= bestDistance) continue;
    bestDistance = distance;
    best = option;
  }
  return best;
}

/** How many letters to insert, delete or change. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) >= maxDistance) return maxDistance;
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const change = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[to.length] ?? maxDistance;
}
