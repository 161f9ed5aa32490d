/** A value that a link took the place of comes back when the link goes. */

import { beforeEach, expect, test } from "vitest";
import { connect, removeNodes } from "../../src/graph/edits";
import { unplugged } from "../../src/graph/links";
import { Catalogue, type InputSchema, type NodeSchema, type Widget } from "../../src/graph/schema";
import { EMPTY, type Json, nodesOf, placeOf, type Workflow } from "../../src/graph/workflow";
import { activeTab, edit, openTab, redo, undo } from "../../src/store/documents";
import { useNodes } from "../../src/store/nodes";
import { showAsSocket } from "../../src/widgets/change";

const WIRE = { types: ["str"], list: false, optional: false, variable: null };

function input(name: string, widget: Widget, more: Partial<InputSchema> = {}): InputSchema {
  const flags = { required: true, optional: false, lazy: false, help: "" };
  return { name, type: "str", wire: WIRE, widget, ...flags, ...more };
}

function schema(name: string, inputs: readonly InputSchema[]): NodeSchema {
  const texts = { name, display_name: name, description: "", category: "", pack: "", aliases: [] };
  const flags = { version: 1, effect: false, volatile: false, deprecated: null, extras: false };
  const outputs = [{ name: "string", type: "str", wire: WIRE }];
  return { ...texts, ...flags, inputs, outputs, body_outputs: null, migrates: false };
}

const READER = schema("Reader", [
  input("prompt", { kind: "text", prompt: true }),
  input("kind", { kind: "text" }, { required: false, default: "plain" }),
  input("key", { kind: "secret" }),
]);
const SOURCE = schema("Source", []);

function inputs(): { readonly [name: string]: Json } | undefined {
  return nodesOf(activeTab().doc).reader?.inputs;
}

function open(held: { readonly [name: string]: Json }): void {
  const nodes = {
    source: { type: "Source", inputs: {} },
    reader: { type: "Reader", inputs: held },
  };
  openTab({ ...EMPTY, nodes });
}

const link = (name: string) =>
  edit("link", (doc) => connect(doc, { node: "source", output: "string" }, "reader", name));
const cut = (name: string) => edit("cut", (doc) => unplugged(doc, [`reader/${name}`]));

beforeEach(() => {
  const description = { nodes: [READER, SOURCE], wire_types: { str: [] }, packs: {}, types: {} };
  useNodes.setState({ catalogue: new Catalogue(description) });
});

test("cutting a link brings the value back, and undo the link", () => {
  open({ prompt: "a red circle" });
  link("prompt");
  expect(inputs()?.prompt).toEqual({ node: "source", output: "string" });
  cut("prompt");
  expect(inputs()?.prompt).toBe("a red circle");
  expect(placeOf(activeTab().doc, "reader").unlinked).toBeUndefined();
  undo();
  expect(inputs()?.prompt).toEqual({ node: "source", output: "string" });
  redo();
  expect(inputs()?.prompt).toBe("a red circle");
});

test("deleting what it was linked to brings it back as well", () => {
  open({ prompt: "a red circle" });
  link("prompt");
  edit("delete", (doc) => removeNodes(doc, new Set(["source"])));
  expect(inputs()?.prompt).toBe("a red circle");
});

test("a socket and back: the value stays, linked or not", () => {
  open({ prompt: "a red circle" });
  showAsSocket("reader", "prompt", true);
  expect(inputs()?.prompt).toBe("a red circle");
  link("prompt");
  cut("prompt");
  showAsSocket("reader", "prompt", false);
  expect(inputs()?.prompt).toBe("a red circle");
});

test("another link in its place does not forget it", () => {
  open({ prompt: "a red circle" });
  edit("add", (doc) => ({ ...doc, nodes: { ...doc.nodes, other: { type: "Source" } } }));
  link("prompt");
  edit("link", (doc) => connect(doc, { node: "other", output: "string" }, "reader", "prompt"));
  cut("prompt");
  expect(inputs()?.prompt).toBe("a red circle");
});

test("what held nothing has its default again, or is an empty prompt", () => {
  open({});
  link("kind");
  link("prompt");
  cut("kind");
  cut("prompt");
  expect(inputs()).toEqual({ prompt: "" });
});

test("a value that is typed instead of the link is the one that counts", () => {
  open({ prompt: "a red circle" });
  link("prompt");
  edit("type", (doc) => connectless(doc, "a star"));
  expect(placeOf(activeTab().doc, "reader").unlinked).toBeUndefined();
});

test("a secret is noted nowhere", () => {
  open({ key: "sesame" });
  link("key");
  expect(JSON.stringify(activeTab().doc)).not.toContain("sesame");
});

test("a copy that is pasted without its links has the values", () => {
  open({ prompt: "a red circle" });
  link("prompt");
  edit("paste", (doc) => {
    const nodes = { ...doc.nodes, copy: { type: "Reader", inputs: {} } };
    return { ...doc, nodes, layout: { ...doc.layout, copy: { ...placeOf(doc, "reader") } } };
  });
  expect(nodesOf(activeTab().doc).copy?.inputs?.prompt).toBe("a red circle");
});

function connectless(doc: Workflow, text: string): Workflow {
  const reader = { type: "Reader", inputs: { prompt: text } };
  return { ...doc, nodes: { ...doc.nodes, reader } };
}
