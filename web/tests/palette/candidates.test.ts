import { expect, test } from "vitest";
import { Catalogue, type NodeSchema, type Wire } from "../../src/graph/schema";
import { candidatesFor, levelOf, searched } from "../../src/palette/candidates";
import { idOf } from "../../src/palette/placing";
import { CATALOGUE, graphOf, WIRES } from "../graph/shared";

const DOC = graphOf("types that are fixed");
const HERE = { at: { x: 0, y: 0 } };

function named(request: Parameters<typeof candidatesFor>[0], doc = DOC): string[] {
  return candidatesFor(request, doc, CATALOGUE).map(({ schema }) => schema.name);
}

function of(name: string, category: string, more: Partial<NodeSchema> = {}): NodeSchema {
  const base = CATALOGUE.nodes[0] as NodeSchema;
  return { ...base, name, display_name: name, category, ...more };
}

const SHELF = new Catalogue({
  nodes: [
    of("Blur", "image/filter", { description: "Softens a picture.", aliases: ["Smooth"] }),
    of("Invert", "image", { description: "Blurs nothing, turns colours round." }),
    of("OldBlur", "image/filter", { deprecated: "use Blur" }),
    of("Step", "loop/internal"),
  ],
  wire_types: {},
  packs: {},
  types: {},
});
const ALL = candidatesFor(HERE, DOC, SHELF);

test("a loose end is offered what fits it, what carries just the same first", () => {
  const wire = WIRES.Model as Wire;
  const end = { node: "base", port: "model", out: true, wire };

  expect(named({ ...HERE, loose: end })).toEqual(["Use", "Decode", "Switch", "Later", "Show"]);
});

test("an input is offered what gives it", () => {
  const loose = { node: "half", port: "number", out: false, wire: WIRES.float as Wire };

  expect(named({ ...HERE, loose })).toEqual(["Half", "Count", "Switch", "Later"]);
});

test("a link is offered what takes what it carries and gives what it feeds", () => {
  expect(named({ ...HERE, link: "use/image" })).toEqual([
    "Blur",
    "Use",
    "Blend",
    "Switch",
    "Later",
  ]);
  expect(named({ ...HERE, link: "gone/image" })).toEqual([]);
});

test("in a node's place comes first what keeps most of its links", () => {
  expect(named({ ...HERE, replace: "blur" })[0]).toBe("Use");
});

test("what other nodes make is not offered", () => {
  expect(ALL.map(({ schema }) => schema.name)).toEqual(["Blur", "Invert", "OldBlur"]);
});

test("names come before aliases, categories and descriptions; outdated types come last", () => {
  const find = (query: string) => searched(query, ALL, []).map(({ schema }) => schema.name);

  expect(find("blur")).toEqual(["Blur", "OldBlur", "Invert"]);
  expect(find("smoo")).toEqual(["Blur"]);
  expect(find("softens")).toEqual(["Blur"]);
  expect(find("filter")).toEqual(["Blur", "OldBlur"]);
});

test("categories hold categories and types", () => {
  expect(levelOf(ALL, "").categories).toEqual([{ path: "image", count: 3 }]);
  const level = levelOf(ALL, "image");
  expect(level.categories).toEqual([{ path: "image/filter", count: 2 }]);
  expect(level.nodes.map(({ schema }) => schema.name)).toEqual(["Invert"]);
});

test("ids are plain words", () => {
  expect(["KSampler", "LoadCheckpoint", "SD3 Latent", "×"].map(idOf)).toEqual([
    "ksampler",
    "load-checkpoint",
    "sd3-latent",
    "node",
  ]);
});

test("in another language a node is found by its name in either, and by its category", () => {
  const english = ["Blur", "Softens a picture."] as const;
  const shelf = new Catalogue({
    nodes: [
      of("Blur", "image/filter", { display_name: "Weichzeichnen", description: "", english }),
      of("Invert", "image", { display_name: "Umkehren", english: ["Invert", ""] }),
    ],
    wire_types: {},
    packs: {},
    types: {},
    categories: { image: "Bild", "image/filter": "Filter" },
  });
  const all = candidatesFor(HERE, DOC, shelf);
  const found = (query: string) =>
    searched(query, all, [], (path) => shelf.categoryPath(path)).map(({ schema }) => schema.name);

  expect(found("weichz")[0]).toBe("Blur");
  expect(found("blur")[0]).toBe("Blur");
  expect(found("softens")).toEqual(["Blur"]);
  expect(found("bild/filter")).toEqual(["Blur"]);
  expect(shelf.categoryPath("image/filter/unknown")).toBe("Bild/Filter/unknown");
});
