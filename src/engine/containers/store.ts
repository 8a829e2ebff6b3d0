import { SlipwayError } from "../../errors.ts";
import type { Collection } from "../../state/collection.ts";
import { linkedBy } from "./link-names.ts";
import type { ContainerRecord } from "./record.ts";

/**
 * All container records: in memory for reading, written through to the database. A record is found by its name, its
 * ID, an unambiguous prefix of the ID, or the name of a legacy link to it: `container/alias`.
 */
export class ContainerStore {
  readonly #collection: Collection<ContainerRecord>;
  readonly #byId = new Map<string, ContainerRecord>();
  readonly #byName = new Map<string, string>();

  constructor(collection: Collection<ContainerRecord>) {
    this.#collection = collection;
    for (const record of collection.list()) this.#remember(record);
  }

  all(): ContainerRecord[] {
    return [...this.#byId.values()];
  }

  byId(id: string): ContainerRecord | undefined {
    return this.#byId.get(id);
  }

  byName(name: string): ContainerRecord | undefined {
    return this.#byId.get(this.#byName.get(name) ?? "");
  }

  /** As {@link ContainerStore.get}; undefined when there is none. */
  find(nameOrId: string): ContainerRecord | undefined {
    try {
      return this.get(nameOrId);
    } catch {
      return undefined;
    }
  }

  /** Throws `not_found`, or `invalid_argument` for a prefix that several share, in Docker's words. */
  get(nameOrId: string): ContainerRecord {
    const name = nameOrId.replace(/^\//, "");
    const exact = this.#byId.get(name) ?? this.byName(name) ?? this.#byLink(name);
    if (exact !== undefined) return exact;
    const matching = name === "" ? [] : this.all().filter((record) => record.id.startsWith(name));
    if (matching.length > 1) {
      throw new SlipwayError("invalid_argument", `Multiple IDs found with provided prefix: ${name}`);
    }
    if (matching[0] === undefined) throw new SlipwayError("not_found", `No such container: ${nameOrId}`);
    return matching[0];
  }

  /** Writes the record, durably. Throws `conflict`, in Docker's words, when another container has its name. */
  put(record: ContainerRecord): void {
    this.assertNameFree(record.name, record.id);
    const old = this.#byId.get(record.id);
    this.#collection.put(record.id, record);
    if (old !== undefined && this.#byName.get(old.name) === old.id) this.#byName.delete(old.name);
    this.#remember(record);
  }

  /**
   * Writes what became of a container whose record is there. After a power cut it may be forgotten: no process of the
   * container is left then either, which is what the next start of the engine records.
   */
  putState(record: ContainerRecord): void {
    this.#collection.putLazily(record.id, record);
  }

  assertNameFree(name: string, forId: string): void {
    const holder = this.#byName.get(name);
    if (holder === undefined || holder === forId) return;
    const advice = "You have to remove (or rename) that container to be able to reuse that name.";
    const what = `The container name "/${name}" is already in use by container "${holder}".`;
    throw new SlipwayError("conflict", `Conflict. ${what} ${advice}`);
  }

  rename(record: ContainerRecord, name: string): void {
    this.assertNameFree(name, record.id);
    this.#byName.delete(record.name);
    record.name = name;
    this.put(record);
  }

  /** Removes the record, durably: before the files it names. */
  delete(record: ContainerRecord): void {
    this.#collection.delete(record.id);
    this.#forget(record);
  }

  /** Removes a record that says `removing`, and whose files are gone: after a power cut it may be removed once more. */
  deleteLazily(record: ContainerRecord): void {
    this.#collection.deleteLazily(record.id);
    this.#forget(record);
  }

  #byLink(name: string): ContainerRecord | undefined {
    const [container = "", alias] = name.split("/");
    const from = alias === undefined ? undefined : this.byName(container);
    return from === undefined ? undefined : this.#byId.get(linkedBy(from, alias ?? "") ?? "");
  }

  #forget(record: ContainerRecord): void {
    this.#byId.delete(record.id);
    if (this.#byName.get(record.name) === record.id) this.#byName.delete(record.name);
  }

  #remember(record: ContainerRecord): void {
    this.#byId.set(record.id, record);
    this.#byName.set(record.name, record.id);
  }
}
