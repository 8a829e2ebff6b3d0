import { isNil, JsonNumber, typeName } from "./values.ts";

type Basic = "nil" | "bool" | "number" | "string" | "other";

function basicKind(value: unknown): Basic {
  if (isNil(value)) return "nil";
  if (typeof value === "string" || value instanceof JsonNumber) return "string";
  if (typeof value === "boolean") return "bool";
  return typeof value === "number" ? "number" : "other";
}

function plain(value: unknown): unknown {
  return value instanceof JsonNumber ? value.text : value;
}

/** Go's `eq`: the first against each of the others. Throws in Go's words. */
export function equals(first: unknown, others: readonly unknown[]): boolean {
  if (others.length === 0) throw new Error("missing argument for comparison");
  let equal = false;
  for (const other of others) {
    const [a, b] = [basicKind(first), basicKind(other)];
    if (a === "other" || b === "other") throw new Error("non-comparable type");
    if (a === "nil" || b === "nil") equal ||= a === b;
    else if (a !== b) throw new Error(incompatible(first, other));
    else equal ||= plain(first) === plain(other);
  }
  return equal;
}

function incompatible(first: unknown, other: unknown): string {
  return `incompatible types for comparison: ${typeName(first, true)} and ${typeName(other, true)}`;
}

/** Go's order: negative, zero or positive. Throws in Go's words. */
export function compare(first: unknown, second: unknown): number {
  const [a, b] = [basicKind(first), basicKind(second)];
  if (a !== b) throw new Error("incompatible types for comparison");
  if (a !== "number" && a !== "string") throw new Error("invalid type for comparison");
  const [x, y] = [plain(first) as string, plain(second) as string];
  return x < y ? -1 : x > y ? 1 : 0;
}
