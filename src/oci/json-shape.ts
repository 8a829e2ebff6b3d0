import { SlipwayError } from "../errors.ts";

/**
 * Reads untrusted JSON member by member. Each reader knows its place in the document, so a refusal names it:
 * `Invalid image manifest: layers[2].size must be a whole number of bytes`. `null` counts as absent, as in Go.
 */
export class JsonReader {
  readonly #value: unknown;
  readonly #document: string;
  readonly #path: string;

  constructor(value: unknown, document: string, path = "") {
    this.#value = value;
    this.#document = document;
    this.#path = path;
  }

  /** Parses bytes as UTF-8 JSON of at most `limit` bytes with an object at its root. Throws `invalid_argument`. */
  static parse(bytes: Uint8Array, document: string, limit: number): JsonReader {
    if (bytes.byteLength > limit)
      throw new SlipwayError(
        "invalid_argument",
        `Invalid ${document}: ${bytes.byteLength} bytes are more than the limit of ${limit}`,
      );
    const reader = new JsonReader(parseText(bytes, document), document);
    reader.#object();
    return reader;
  }

  get absent(): boolean {
    return this.#value === undefined || this.#value === null;
  }

  /** A member of this object; absent when the object or the member is. */
  member(name: string): JsonReader {
    const object = this.absent ? {} : this.#object();
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    return new JsonReader(value, this.#document, this.#path === "" ? name : `${this.#path}.${name}`);
  }

  string(pattern?: RegExp): string {
    if (typeof this.#value !== "string") this.fail("must be a string");
    if (pattern !== undefined && !pattern.test(this.#value))
      this.fail(`has the invalid value ${JSON.stringify(this.#value.slice(0, 200))}`);
    return this.#value;
  }

  integer(min = Number.MIN_SAFE_INTEGER): number {
    const value = this.#value;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min)
      this.fail(min >= 0 ? "must be a whole number, zero or more" : "must be a whole number");
    return value;
  }

  boolean(): boolean {
    if (typeof this.#value !== "boolean") this.fail("must be true or false");
    return this.#value;
  }

  /** Absent means empty. */
  list<T>(read: (item: JsonReader) => T): T[] {
    if (this.absent) return [];
    if (!Array.isArray(this.#value)) this.fail("must be a list");
    return this.#value.map((item, index) =>
      read(new JsonReader(item, this.#document, `${this.#path}[${index}]`)),
    );
  }

  /** The members of an object used as a map. Absent means empty. */
  record<T>(read: (item: JsonReader) => T): Record<string, T> {
    if (this.absent) return {};
    const names = Object.keys(this.#object());
    // A null prototype keeps a member named __proto__ what it is: a member.
    const result = Object.create(null) as Record<string, T>;
    for (const name of names) result[name] = read(this.member(name));
    return result;
  }

  /** `{ [name]: value }`, or `{}` when absent: to be spread into an object with optional members. */
  optional<K extends string, T>(name: K, read: (item: JsonReader) => T): { [P in K]?: T } {
    const member = this.member(name);
    return member.absent ? {} : ({ [name]: read(member) } as { [P in K]?: T });
  }

  fail(reason: string): never {
    const place = this.#path === "" ? "the document" : this.#path;
    throw new SlipwayError("invalid_argument", `Invalid ${this.#document}: ${place} ${reason}`);
  }

  #object(): Record<string, unknown> {
    if (typeof this.#value !== "object" || this.#value === null || Array.isArray(this.#value))
      this.fail("must be an object");
    return this.#value as Record<string, unknown>;
  }
}

function parseText(bytes: Uint8Array, document: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SlipwayError("invalid_argument", `Invalid ${document}: it is no JSON`, { cause });
  }
}
