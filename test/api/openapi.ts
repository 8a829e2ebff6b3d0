import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Document = { [key: string]: Json };

interface Operation {
  readonly method: string;
  readonly template: string;
  readonly pattern: RegExp;
  readonly responses: Record<string, { schema?: Document }>;
}

/** Checks answers against an OpenAPI 2 document: status known, body of the shape it says. */
export class OpenApi {
  readonly operations: readonly Operation[];
  readonly #ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  readonly #compiled = new Map<object, ValidateFunction>();

  constructor(path: string) {
    const text = readFileSync(path, "utf8");
    const document = (path.endsWith(".yaml") ? Bun.YAML.parse(text) : JSON.parse(text)) as {
      definitions: Document;
      paths: Record<string, Record<string, { responses: Operation["responses"] }>>;
    };
    this.#ajv.addSchema({ $id: "api", definitions: nullable(document.definitions) as object });
    this.operations = Object.entries(document.paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, { responses }]) => ({
        method: method.toUpperCase(),
        template,
        pattern: new RegExp(`^${template.replaceAll("{name}", ".+").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
        responses,
      })),
    );
  }

  /** Fewest wildcards first: `/images/json` is not an image called `json`. */
  find(method: string, path: string): Operation | undefined {
    const found = this.operations.filter((one) => one.method === method && one.pattern.test(path));
    return found.sort((a, b) => a.template.split("{").length - b.template.split("{").length)[0];
  }

  /** What is wrong with the answer, in words; empty when nothing is. 501 is an error document like any other. */
  problems(operation: Operation, status: number, body: string): string[] {
    const schema = operation.responses[status]?.schema ?? (status >= 400 ? errorSchema : undefined);
    // The document forgets that exec start upgrades as attach does.
    if (operation.responses[status] === undefined && status < 400 && status !== 101)
      return [`undocumented status ${status}`];
    if (schema === undefined || schema["type"] === "string" || body === "") return [];
    const validate = this.#validator(schema);
    const documents = operation.template === "/events" ? body.trim().split("\n").filter(Boolean) : [body];
    return documents.flatMap((text) => {
      validate(JSON.parse(text));
      return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
    });
  }

  #validator(schema: Document): ValidateFunction {
    const known = this.#compiled.get(schema);
    if (known !== undefined) return known;
    const compiled = this.#ajv.compile(nullable(schema) as object);
    this.#compiled.set(schema, compiled);
    return compiled;
  }
}

const errorSchema: Document = { $ref: "#/definitions/ErrorResponse" };

/** `x-nullable` as JSON schema has it, and references into the one document. */
function nullable(value: Json): Json {
  if (Array.isArray(value)) return value.map(nullable);
  if (typeof value !== "object" || value === null) return value;
  const { "x-nullable": mayBeNull, $ref, ...rest } = value;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, entry]) => [key, nullable(entry)]));
  const schema = typeof $ref === "string" ? { $ref: `api${$ref}` } : inner;
  return mayBeNull === true ? { anyOf: [schema, { type: "null" }] } : schema;
}
