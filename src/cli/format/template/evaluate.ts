import { errorMessage } from "../../../errors.ts";
import type { Functions, Parameter, TemplateFunction } from "./functions.ts";
import type { Branch, Command, Node, Operand, Pipe, Template } from "./nodes.ts";
import { TemplateError } from "./template-error.ts";
import {
  isNil,
  isStruct,
  isTrue,
  noValue,
  printed,
  sortedEntries,
  typeName,
  TypedNil,
  type GoFunction,
} from "./values.ts";

export interface EvaluateOptions {
  readonly functions: Functions;
  /** The document was read without types: a key that a map has not is an error, and no list is a list of strings. */
  readonly untyped: boolean;
}

type Jump = "break" | "continue" | undefined;
const nothing = Symbol("nothing");

/** Carries a template out on `document`. Throws {@link TemplateError} in Go's words. Pure. */
export function evaluateTemplate(template: Template, document: unknown, options: EvaluateOptions): string {
  const evaluation = new Evaluation(template, options);
  evaluation.walkAll(template.nodes, document);
  return evaluation.output;
}

const deepest = 1000;

class Evaluation {
  output = "";
  readonly #template: Template;
  readonly #options: EvaluateOptions;
  #variables: { name: string; value: unknown }[] = [];
  #depth = 0;

  constructor(template: Template, options: EvaluateOptions) {
    this.#template = template;
    this.#options = options;
  }

  /** `dot` is `$` as well. */
  walkAll(nodes: readonly Node[], dot: unknown): void {
    const variables = this.#variables;
    this.#variables = [{ name: "$", value: dot }];
    this.#walk(nodes, dot);
    this.#variables = variables;
  }

  #walk(nodes: readonly Node[], dot: unknown): Jump {
    for (const node of nodes) {
      const jump = this.#node(node, dot);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  #node(node: Node, dot: unknown): Jump {
    switch (node.kind) {
      case "text":
        this.output += node.text;
        return undefined;
      case "action": {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.declared.length === 0) this.output += printed(value);
        return undefined;
      }
      case "break":
      case "continue":
        return node.kind;
      case "template":
        return this.#call(node, dot);
      default:
        return this.#branch(node, dot);
    }
  }

  #call(node: Node & { kind: "template" }, dot: unknown): undefined {
    const nodes = this.#template.defined.get(node.name);
    if (nodes === undefined) this.#fail(node, `template ${JSON.stringify(node.name)} not defined`);
    if (this.#depth >= deepest) this.#fail(node, "exceeded maximum template depth (1000)");
    this.#depth += 1;
    this.walkAll(nodes, node.pipe === undefined ? undefined : this.#pipe(node.pipe, dot));
    this.#depth -= 1;
    return undefined;
  }

  #branch(node: Branch, dot: unknown): Jump {
    const height = this.#variables.length;
    const value = this.#pipe(node.pipe, dot, node.kind === "range");
    try {
      if (node.kind === "range") return this.#range(node, value, dot);
      if (isTrue(value)) return this.#walk(node.body, node.kind === "with" ? value : dot);
      return this.#walk(node.otherwise, dot);
    } finally {
      this.#variables.length = height;
    }
  }

  #range(node: Branch, value: unknown, dot: unknown): Jump {
    const entries = this.#entries(node, value);
    const height = this.#variables.length;
    const { declared, isAssign } = node.pipe;
    for (const [key, item] of entries) {
      const values = declared.length > 1 ? [key, item] : [item];
      for (const [at, name] of declared.entries()) this.#set(name, values[at], isAssign);
      const jump = this.#walk(node.body, item);
      this.#variables.length = height;
      if (jump === "break") break;
    }
    return entries.length === 0 ? this.#walk(node.otherwise, dot) : undefined;
  }

  #entries(node: Branch, value: unknown): (readonly [unknown, unknown])[] {
    if (isNil(value)) return [];
    if (Array.isArray(value)) return [...(value as unknown[]).entries()];
    if (value instanceof Map) return sortedEntries(value);
    if (typeof value === "number" && Number.isInteger(value))
      return Array.from({ length: Math.max(0, value) }, (_, at) => [at, at]);
    if (isStruct(value)) return Object.entries(value);
    return this.#fail(node.pipe, `range can't iterate over ${printed(value)}`);
  }

  #set(name: string, value: unknown, isAssign: boolean): void {
    const known = isAssign ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (known === undefined) this.#variables.push({ name, value });
    else known.value = value;
  }

  /** With `isLoop` the variables are the loop's to set. */
  #pipe(pipe: Pipe, dot: unknown, isLoop = false): unknown {
    let value: unknown = nothing;
    for (const command of pipe.commands) value = this.#command(command, dot, value);
    if (!isLoop) for (const name of pipe.declared) this.#set(name, value, pipe.isAssign);
    return value;
  }

  /** `final`: what the command before it in the pipeline gave, the last argument of this one. */
  #command(command: Command, dot: unknown, final: unknown): unknown {
    const [first, ...rest] = command.operands;
    switch (first.kind) {
      case "function":
        return this.#function(first.name, command, dot, final);
      case "field":
        return this.#fields(dot, first.names, first, { command, dot, final });
      case "variable":
        return this.#fields(this.#variable(first.name), first.names, first, { command, dot, final });
      case "chain":
        return this.#fields(this.#operand(first.of, dot), first.names, first, { command, dot, final });
      default:
    }
    if (rest.length > 0 || final !== nothing)
      this.#fail(first, `can't give argument to non-function ${first.text}`);
    if (first.kind === "nil") this.#fail(first, "nil is not a command");
    return this.#operand(first, dot);
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case "dot":
        return dot;
      case "nil":
        return undefined;
      case "constant":
        return operand.value;
      case "pipe":
        return this.#pipe(operand.pipe, dot);
      default:
        return this.#command({ ...operand, operands: [operand] }, dot, nothing);
    }
  }

  #variable(name: string): unknown {
    return this.#variables.findLast((variable) => variable.name === name)?.value;
  }

  #fields(
    value: unknown,
    names: readonly string[],
    node: Operand,
    call: { command: Command; dot: unknown; final: unknown },
  ): unknown {
    const hasArguments = call.command.operands.length > 1 || call.final !== nothing;
    let item = value;
    for (const [at, name] of names.entries()) {
      item = this.#field(item, name, node);
      const isLast = at === names.length - 1;
      if (typeof item !== "function") continue;
      const args = isLast ? this.#arguments(call.command, call.dot, call.final) : [];
      return this.#guard(call.command, name, () => (item as GoFunction)(...args));
    }
    if (hasArguments && names.length > 0)
      this.#fail(node, `${names.at(-1)} is not a method but has arguments`);
    if (hasArguments) this.#fail(node, `can't give argument to non-function ${node.text}`);
    return item;
  }

  #field(value: unknown, name: string, node: Operand): unknown {
    if (value instanceof Map) {
      if (value.has(name)) return value.get(name);
      if (this.#options.untyped) this.#fail(node, `map has no entry for key ${JSON.stringify(name)}`);
      return noValue;
    }
    if (value instanceof TypedNil && value.shown === "map[]") return noValue;
    if (isNil(value)) return this.#fieldOfNil(value, name, node);
    if (isStruct(value) && Object.hasOwn(value, name)) return value[name];
    const type = isStruct(value) ? "struct" : typeName(value, this.#options.untyped);
    return this.#fail(node, `can't evaluate field ${name} in type ${type}`);
  }

  #fieldOfNil(value: unknown, name: string, node: Operand): never {
    if (value === noValue) this.#fail(node, `nil data; no entry for key ${JSON.stringify(name)}`);
    return this.#fail(node, `nil pointer evaluating interface {}.${name}`);
  }

  #function(name: string, command: Command, dot: unknown, final: unknown): unknown {
    const found = this.#options.functions.get(name);
    if (found === undefined) this.#fail(command, `${JSON.stringify(name)} is not a defined function`);
    this.#checkCount(name, found, command, final);
    if (name === "and" || name === "or") return this.#shortCircuit(name, command, dot, final);
    const args = this.#arguments(command, dot, final);
    const nodes = command.operands.slice(1);
    for (const [at, arg] of args.entries()) {
      const type = found.parameters[Math.min(at, found.parameters.length - 1)] ?? "any";
      this.#checkType(type, arg, nodes[at] ?? command);
    }
    return this.#guard(command, name, () => (found.call as GoFunction)(...args));
  }

  #arguments(command: Command, dot: unknown, final: unknown): unknown[] {
    const args = command.operands.slice(1).map((operand) => this.#operand(operand, dot));
    return final === nothing ? args : [...args, final];
  }

  /** Stops at the first argument that decides. */
  #shortCircuit(name: "and" | "or", command: Command, dot: unknown, final: unknown): unknown {
    let value: unknown;
    for (const operand of command.operands.slice(1)) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === "or")) return value;
    }
    return final === nothing ? value : final;
  }

  #checkCount(
    name: string,
    { parameters, variadic }: TemplateFunction,
    command: Command,
    final: unknown,
  ): void {
    const count = command.operands.length - 1 + (final === nothing ? 0 : 1);
    const least = variadic === true ? parameters.length - 1 : parameters.length;
    if (count >= least && (variadic === true || count <= least)) return;
    const want = variadic === true ? `at least ${least}` : String(least);
    this.#fail(command, `wrong number of args for ${name}: want ${want} got ${count}`);
  }

  #checkType(type: Parameter, value: unknown, node: { at: number; text: string }): void {
    if (type === "any") return;
    const { untyped } = this.#options;
    if (type === "string" && typeof value === "string") return;
    if (type === "int" && typeof value === "number" && Number.isInteger(value)) return;
    if (type === "strings" && value instanceof TypedNil) return;
    if (type === "strings" && typeName(value, untyped) === "[]string") return;
    const want = type === "strings" ? "[]string" : type;
    if (isNil(value)) this.#fail(node, `invalid value; expected ${want}`);
    this.#fail(node, `wrong type for value; expected ${want}; got ${typeName(value, untyped)}`);
  }

  #guard(command: Command, name: string, call: () => unknown): unknown {
    try {
      return call();
    } catch (error) {
      return this.#fail(command, `error calling ${name}: ${errorMessage(error)}`);
    }
  }

  #fail(node: { at: number; text: string }, message: string): never {
    const before = this.#template.text.slice(0, node.at);
    const line = before.split("\n").length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf("\n") + 1));
    throw new TemplateError(`:${line}:${column}: executing "" at <${node.text}>: ${message}`, false);
  }
}
