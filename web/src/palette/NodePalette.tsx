/** Finding a node type: by typing, by category, among what fits a loose end of a link. */

import { useMemo, useState } from "react";
import { wireColor } from "../canvas/colors";
import { flowInstance } from "../canvas/view";
import { reusableSchemas, useReusables } from "../editing/reusables";
import type { Point } from "../graph/edits";
import type { Catalogue } from "../graph/schema";
import { openDoc } from "../store/documents";
import { useNodes } from "../store/nodes";
import { type PaletteRequest, show, useView } from "../store/view";
import { useText } from "../text/catalogue";
import { About, AboutCategory } from "./About";
import { type Candidate, candidatesFor, isUnder, levelOf, searched } from "./candidates";
import { Finder, type Item } from "./Finder";
import { place } from "./placing";
import { chose, useRecent } from "./recent";
import { Trail } from "./Trail";

export function NodePalette() {
  const request = useView((state) => state.palette);
  const catalogue = useNodes((state) => state.catalogue);
  if (request === null || catalogue === null) return null;
  return <Search request={request} catalogue={catalogue} />;
}

interface SearchProps {
  readonly request: PaletteRequest;
  readonly catalogue: Catalogue;
}

/** Category items are told from types by how their ids begin. */
const CATEGORY = "category ";

function Search({ request, catalogue }: SearchProps) {
  const t = useText();
  const [query, setQuery] = useState("");
  const [category, setCategory] = useState("");
  const [at] = useState(() => screenPoint(request));
  const recent = useRecent((state) => state.nodes);
  const saved = useReusables((state) => state.all);
  const all = useMemo(
    () => candidatesFor(request, openDoc(), catalogue, reusableSchemas(saved, catalogue)),
    [request, catalogue, saved],
  );
  const find = (name: string) => all.find(({ schema }) => schema.name === name)?.schema;
  const items = useMemo(
    () => itemsOf(all, { query, category, recent, request, catalogue, t }),
    [all, query, category, recent, request, catalogue, t],
  );
  const choose = (id: string) => {
    if (id.startsWith(CATEGORY)) {
      setCategory(id.slice(CATEGORY.length));
      setQuery("");
      return;
    }
    const schema = find(id);
    show({ palette: null });
    if (schema === undefined) return;
    chose("nodes", schema.name);
    place(schema, request, catalogue);
  };
  const about = (id: string) => {
    if (id.startsWith(CATEGORY)) {
      const inside = all.filter((one) => isUnder(one.schema.category, id.slice(CATEGORY.length)));
      return <AboutCategory nodes={inside.map((one) => one.schema)} />;
    }
    const schema = find(id);
    return schema && <About schema={schema} />;
  };
  return (
    <Finder
      label={t(titleOf(request))}
      placeholder={t("palette.search")}
      query={query}
      onQuery={setQuery}
      items={items}
      onChoose={choose}
      onClose={() => show({ palette: null })}
      onBack={category === "" ? undefined : () => setCategory(parentOf(category))}
      head={<Trail category={category} onOpen={setCategory} />}
      about={about}
      at={at}
    />
  );
}

function titleOf({ loose, link, replace }: PaletteRequest): string {
  if (loose) return loose.out ? "palette.fitsOutput" : "palette.fitsInput";
  if (link !== undefined) return "palette.fitsLink";
  return replace === undefined ? "palette.add" : "palette.replace";
}

interface Wanted {
  readonly query: string;
  readonly category: string;
  readonly recent: readonly string[];
  readonly request: PaletteRequest;
  readonly catalogue: Catalogue;
  readonly t: (key: string) => string;
}

function itemsOf(all: readonly Candidate[], wanted: Wanted): Item[] {
  const { query, category, recent, request, catalogue, t } = wanted;
  const path = (of: string) => catalogue.categoryPath(of);
  const item = (one: Candidate, group?: string) => nodeItem(one, path, group);
  const here = all.filter(({ schema }) => isUnder(schema.category, category));
  if (query.trim() !== "") {
    return searched(query, here, recent, path).map((one) => item(one));
  }
  const asked = request.loose ?? request.link ?? request.replace;
  if (category === "" && asked !== undefined) {
    return all.map((one) => item(one, t(one.exact ? "palette.exact" : "palette.alsoFits")));
  }
  const level = levelOf(here, category);
  const used = category === "" ? recentOf(all, recent) : [];
  return [
    ...used.map((one) => item(one, t("palette.recent"))),
    ...level.categories.map(({ path: below, count }) => ({
      id: CATEGORY + below,
      label: catalogue.categoryName(below),
      detail: `${count}`,
      group: t("palette.categories"),
      more: true,
    })),
    ...level.nodes.filter((one) => !used.includes(one)).map((one) => item(one, t("palette.nodes"))),
  ];
}

const RECENT = 6;

function recentOf(all: readonly Candidate[], recent: readonly string[]): Candidate[] {
  const found = recent.flatMap((name) => all.find(({ schema }) => schema.name === name) ?? []);
  return found.slice(0, RECENT);
}

function nodeItem(
  { schema, port }: Candidate,
  path: (category: string) => string,
  group?: string,
): Item {
  const named = [...schema.inputs, ...schema.outputs].find(({ name }) => name === port);
  const first = schema.outputs[0] ?? schema.inputs[0];
  return {
    id: schema.name,
    label: schema.display_name,
    detail: named?.label ?? port ?? path(schema.category),
    group,
    color: first ? wireColor(first.wire) : "var(--wire-any)",
  };
}

function parentOf(category: string): string {
  return category.slice(0, Math.max(0, category.lastIndexOf("/")));
}

/** Where it was asked for, unless that was by keys or there is no room to choose. */
function screenPoint({ at, keys }: PaletteRequest): Point | undefined {
  if (keys || window.innerWidth < 640) return undefined;
  return flowInstance()?.flowToScreenPosition(at);
}
