/** Names in the order people expect: runs of digits count as numbers, so that `net-2` comes before `net-10`. Pure. */
export function naturalOrder(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (const [at, one] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    const difference = /^\d/.test(one) && /^\d/.test(other) ? Number(one) - Number(other) : 0;
    if (difference !== 0) return difference;
    if (one !== other) return one < other ? -1 : 1;
  }
  return left.length - right.length;
}

function parts(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}
