import type { Engine } from "../../engine/engine.ts";
import { isCode, SlipwayError } from "../../errors.ts";

type Services = Pick<Engine, "containers" | "images" | "networks" | "volumes" | "execs">;
type Labels = Readonly<Record<string, string>> | null | undefined;

const predefined: ReadonlySet<string> = new Set(["", "default", "bridge", "none"]);

/** Looks up whether things are within a scope's labels; what is not is as if it did not exist. */
export class LabelScope {
  readonly #engine: Services;
  readonly #labels: readonly (readonly [key: string, value: string])[];

  constructor(engine: Services, labels: readonly string[]) {
    this.#engine = engine;
    this.#labels = labels.map((text) => [
      text.slice(0, text.indexOf("=")),
      text.slice(text.indexOf("=") + 1),
    ]);
  }

  /** What is created within the scope has these. */
  get record(): Record<string, string> {
    return Object.fromEntries(this.#labels);
  }

  /** Throws `not_found`, in the words for a container that is not there. */
  async container(name: string): Promise<void> {
    const { Config } = await this.#engine.containers.inspect(name);
    this.#check(Config.Labels, `No such container: ${name}`);
  }

  async exec(id: string): Promise<void> {
    const { ContainerID } = await this.#engine.execs.inspect(id);
    const { Config } = await this.#engine.containers.inspect(ContainerID);
    this.#check(Config.Labels, `No such exec instance: ${id}`);
  }

  async image(name: string): Promise<void> {
    const { Config } = await this.#engine.images.inspect(name);
    this.#check(Config?.Labels, `No such image: ${name}`);
  }

  async network(name: string): Promise<void> {
    const { Labels } = await this.#engine.networks.inspect(name);
    this.#check(Labels, `network ${name} not found`);
  }

  async volume(name: string): Promise<void> {
    const { Labels } = await this.#engine.volumes.inspect(name);
    this.#check(Labels, `get ${name}: no such volume`);
  }

  /** A network that a container joins: the default one is everybody's, another container's is the container's. */
  async joined(mode: string): Promise<void> {
    if (mode.startsWith("container:")) await this.container(mode.slice("container:".length));
    else if (!predefined.has(mode)) await this.network(mode);
  }

  /** A volume that a container mounts: one that is not there yet is made, with the scope's labels. */
  async mounted(name: string, make: (name: string) => Promise<unknown>): Promise<void> {
    if ((await orUndefined(this.#engine.volumes.inspect(name))) === undefined) await make(name);
    else await this.volume(name);
  }

  /** A name that an image is given: it may be new, or the name of an image within the scope. */
  async named(reference: string): Promise<void> {
    if ((await orUndefined(this.#engine.images.inspect(reference))) !== undefined)
      await this.image(reference);
  }

  #check(labels: Labels, words: string): void {
    if (!this.#labels.every(([key, value]) => labels?.[key] === value))
      throw new SlipwayError("not_found", words);
  }
}

/** Undefined when it is not there. */
async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isCode(error, "not_found")) return undefined;
    throw error;
  }
}
