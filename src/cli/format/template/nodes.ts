/** Where a node stands and how it reads, for errors. `at`: offset in the template. */
interface Place {
  readonly at: number;
  readonly text: string;
}

/** What a command is made of. */
export type Operand =
  | (Place & { readonly kind: "dot" | "nil" })
  | (Place & { readonly kind: "constant"; readonly value: unknown })
  | (Place & { readonly kind: "field"; readonly names: readonly string[] })
  | (Place & { readonly kind: "variable"; readonly name: string; readonly names: readonly string[] })
  | (Place & { readonly kind: "function"; readonly name: string })
  | (Place & { readonly kind: "chain"; readonly of: Operand; readonly names: readonly string[] })
  | (Place & { readonly kind: "pipe"; readonly pipe: Pipe });

export interface Command extends Place {
  readonly operands: readonly [Operand, ...Operand[]];
}

export interface Pipe extends Place {
  /** Variables that get the value; `isAssign`: they exist already. */
  readonly declared: readonly string[];
  readonly isAssign: boolean;
  readonly commands: readonly Command[];
}

export interface Branch extends Place {
  readonly kind: "if" | "with" | "range";
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

export type Node =
  | (Place & { readonly kind: "text" })
  | (Place & { readonly kind: "action"; readonly pipe: Pipe })
  | Branch
  | (Place & { readonly kind: "break" | "continue" })
  | (Place & { readonly kind: "template"; readonly name: string; readonly pipe: Pipe | undefined });

/** A parsed template with those it defines. */
export interface Template {
  readonly text: string;
  readonly nodes: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}
