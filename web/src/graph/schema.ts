/** Node types as the server describes them (`/api/editor/nodes`). */

import type { Json, Workflow } from "./workflow";

export interface Wire {
  readonly types: readonly string[];
  readonly list: boolean;
  readonly optional: boolean;
  /** Set where the type is open: what is linked first fixes it for the node's other sockets. */
  readonly variable: string | null;
}

export interface Widget {
  readonly kind: string;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly options?: readonly Json[];
  readonly folder?: string;
  readonly accept?: string;
  readonly multiline?: boolean;
  readonly prompt?: boolean;
  readonly literal?: boolean;
}

export interface InputSchema {
  readonly name: string;
  /** What people see instead of the name, at a port of a subgraph. */
  readonly label?: string;
  readonly type: string;
  readonly wire: Wire;
  readonly required: boolean;
  readonly optional: boolean;
  readonly lazy: boolean;
  readonly help: string;
  readonly default?: Json;
  /** Absent: the input takes links only. */
  readonly widget?: Widget;
}

export interface OutputSchema {
  readonly name: string;
  readonly label?: string;
  readonly type: string;
  readonly wire: Wire;
}

export interface NodeSchema {
  readonly name: string;
  readonly display_name: string;
  readonly description: string;
  readonly category: string;
  readonly version: number;
  readonly pack: string;
  readonly effect: boolean;
  readonly volatile: boolean;
  readonly deprecated: string | null;
  readonly aliases: readonly string[];
  readonly inputs: readonly InputSchema[];
  readonly outputs: readonly OutputSchema[];
  /** Whether it takes inputs of any name beside the declared ones. */
  readonly extras: boolean;
  readonly body_outputs: { readonly field?: string; readonly list?: boolean } | null;
  readonly migrates: boolean;
  /** Title and description as the pack has them, where they are shown in another language. */
  readonly english?: readonly [string, string];
  /** Of a saved subgraph that is offered as a type: what its nodes hold. */
  readonly body?: Workflow;
}

/** Wire types: the name of each -> what it derives from. */
export type WireTypes = { readonly [name: string]: readonly string[] };

/** How a wire type is shown: CSS colours on a light and on a dark ground. */
export interface WireLook {
  readonly display_name: string;
  readonly colour: { readonly light: string; readonly dark: string };
}

export interface Description {
  readonly nodes: readonly NodeSchema[];
  readonly wire_types: WireTypes;
  readonly packs: { readonly [name: string]: string };
  readonly types: { readonly [name: string]: WireLook };
  /** Category -> what it is called in the language that was asked for. */
  readonly categories?: { readonly [path: string]: string };
}

/** All node types, found by name or alias. */
export class Catalogue {
  readonly nodes: readonly NodeSchema[];
  readonly wireTypes: WireTypes;
  readonly looks: { readonly [name: string]: WireLook };
  private readonly categories: { readonly [path: string]: string };
  private readonly byName = new Map<string, NodeSchema>();

  constructor(description: Description) {
    this.nodes = description.nodes;
    this.wireTypes = description.wire_types;
    this.looks = description.types;
    this.categories = description.categories ?? {};
    for (const schema of description.nodes) {
      for (const alias of schema.aliases) this.byName.set(alias, schema);
    }
    for (const schema of description.nodes) this.byName.set(schema.name, schema);
  }

  /** What a category is called, without those above it. */
  categoryName(path: string): string {
    return this.categories[path] ?? path.slice(path.lastIndexOf("/") + 1);
  }

  /** The same with those above it: `Image/Size`. */
  categoryPath(path: string): string {
    const parts = path.split("/");
    return parts.map((_, n) => this.categoryName(parts.slice(0, n + 1).join("/"))).join("/");
  }

  /** Undefined for a type that is not installed. */
  find(type: string): NodeSchema | undefined {
    return this.byName.get(type);
  }
}
