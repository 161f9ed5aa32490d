/** Colours of wire types, as the server gives them: one on a light and one on a dark ground. */

import type { Catalogue, Wire } from "../graph/schema";
import { isAny } from "../graph/wires";

const UNKNOWN = "var(--wire-any)";

/** The colour of what a socket or a link carries, as CSS. */
export function wireColor(wire: Wire): string {
  const name = wire.types[0];
  return isAny(wire) || name === undefined ? UNKNOWN : `var(--wire-${cssName(name)}, ${UNKNOWN})`;
}

/** Makes the colours known to the page; the theme chooses between light and dark. */
export function setWireColors(catalogue: Catalogue): void {
  for (const [name, { colour }] of Object.entries(catalogue.looks)) {
    const value = `light-dark(${colour.light}, ${colour.dark})`;
    document.documentElement.style.setProperty(`--wire-${cssName(name)}`, value);
  }
}

function cssName(type: string): string {
  return type.replace(/[^\w-]/g, "_");
}
