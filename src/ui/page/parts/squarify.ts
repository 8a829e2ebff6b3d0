export interface Tile<T> {
  readonly item: T;
  /** parts of the whole, 0 to 1 */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Rest {
  x: number;
  y: number;
  width: number;
  height: number;
}

/**
 * Lays items out in a rectangle, each with the area of its share and as square as can be (Bruls, Huizing, van Wijk:
 * "Squarified treemaps"). `aspect`: width by height of the rectangle. Items without size are left out. Pure.
 */
export function squarify<T>(items: readonly T[], size: (item: T) => number, aspect: number): Tile<T>[] {
  const sorted = items.filter((item) => size(item) > 0).toSorted((a, b) => size(b) - size(a));
  const total = sorted.reduce((sum, item) => sum + size(item), 0);
  const area = (item: T) => (size(item) / total) * aspect;
  const rest: Rest = { x: 0, y: 0, width: aspect, height: 1 };
  const tiles: Tile<T>[] = [];
  for (let at = 0; at < sorted.length;) {
    const row = nextRow(sorted.slice(at), area, Math.min(rest.width, rest.height));
    tiles.push(...placeRow(row, area, rest, aspect));
    at += row.length;
  }
  return tiles;
}

/** As many of the first items as make the worst of them squarest. */
function nextRow<T>(items: readonly T[], area: (item: T) => number, side: number): T[] {
  const row: T[] = [];
  let [sum, worst] = [0, Number.POSITIVE_INFINITY];
  for (const item of items) {
    const next = sum + area(item);
    const largest = area(row[0] ?? item);
    const ratio = Math.max(
      (side * side * largest) / (next * next),
      (next * next) / (side * side * area(item)),
    );
    if (ratio > worst) break;
    row.push(item);
    [sum, worst] = [next, ratio];
  }
  return row;
}

function placeRow<T>(row: readonly T[], area: (item: T) => number, rest: Rest, aspect: number): Tile<T>[] {
  const sum = row.reduce((total, item) => total + area(item), 0);
  const isColumn = rest.width >= rest.height;
  const depth = sum / (isColumn ? rest.height : rest.width);
  let along = isColumn ? rest.y : rest.x;
  const tiles = row.map((item) => {
    const length = area(item) / depth;
    const [x, y] = isColumn ? [rest.x, along] : [along, rest.y];
    const [width, height] = isColumn ? [depth, length] : [length, depth];
    along += length;
    return { item, x: x / aspect, y, width: width / aspect, height };
  });
  if (isColumn) Object.assign(rest, { x: rest.x + depth, width: rest.width - depth });
  else Object.assign(rest, { y: rest.y + depth, height: rest.height - depth });
  return tiles;
}
