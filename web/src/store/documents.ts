/** The open workflows: one tab each, with its history. Everything that changes one comes here. */

import { create } from "zustand";
import type { Path } from "../graph/path";
import { at, changeAt } from "../graph/path";
import { withReturned } from "../graph/returning";
import type { Workflow } from "../graph/workflow";
import { EMPTY, nodesOf } from "../graph/workflow";
import { newId } from "./ids";
import { useNodes } from "./nodes";

/** How many steps back a tab remembers. */
const KEPT = 200;

export interface Step {
  /** A key of the text catalogue that says what was done, for the undo menu. */
  readonly label: string;
  readonly doc: Workflow;
}

export interface Tab {
  readonly id: string;
  readonly doc: Workflow;
  /** The saved workflow it belongs to; null while it was never saved. */
  readonly name: string | null;
  /** The version that was last loaded or saved; null while it was never saved. */
  readonly version: number | null;
  /** What that version holds; the tab is unsaved where `doc` is another. */
  readonly saved: Workflow | null;
  /** What it began with where that can be had again: nothing, a file, a template, a job. */
  readonly opened: Workflow | null;
  readonly past: readonly Step[];
  readonly future: readonly Step[];
  /** Edits with the same merge key, one right after the other, are one step. */
  readonly merge: string | null;
  /** The subgraph that is open. */
  readonly path: Path;
}

export interface Documents {
  readonly tabs: readonly Tab[];
  readonly active: string;
}

export interface EditOptions {
  /** Such as `input sample.steps`, so that typing a word is one step. */
  readonly merge?: string;
  /** The subgraph that is changed, if not the open one. */
  readonly at?: Path | undefined;
  /** The tab that is changed, if not the active one. */
  readonly tab?: string | undefined;
}

/** A workflow on the canvas: what ends later, such as an upload, belongs where it began. */
export interface Spot {
  readonly tab: string;
  readonly at: Path;
}

function newTab(doc: Workflow = EMPTY, more: Partial<Tab> = {}): Tab {
  const fresh = { name: null, version: null, saved: null, opened: doc, merge: null, path: [] };
  return { id: newId(), doc, past: [], future: [], ...fresh, ...more };
}

const first = newTab();

export const useDocuments = create<Documents>(() => ({ tabs: [first], active: first.id }));

export function activeTab(state: Documents = useDocuments.getState()): Tab {
  const found = state.tabs.find((tab) => tab.id === state.active) ?? state.tabs[0];
  if (found === undefined) throw new Error("there is always a tab");
  return found;
}

/** The workflow on the canvas: that of the active tab, or the subgraph open in it. */
export function openDoc(state: Documents = useDocuments.getState()): Workflow {
  const tab = activeTab(state);
  return at(tab.doc, tab.path) ?? tab.doc;
}

/** What is on the canvas now. */
export function here(): Spot {
  const { id, path } = activeTab();
  return { tab: id, at: path };
}

/** Whether a tab holds something that would be lost with it. */
export function isUnsaved(tab: Tab): boolean {
  return tab.doc !== tab.saved && tab.doc !== tab.opened;
}

/** Whether nothing was ever done in a tab: what is opened next takes its place. */
export function isUntouched(tab: Tab): boolean {
  const empty = Object.keys(nodesOf(tab.doc)).length === 0;
  return empty && tab.name === null && tab.past.length === 0 && !isUnsaved(tab);
}

/** Change what is on the canvas, as one step of the history. */
export function edit(
  label: string,
  change: (open: Workflow) => Workflow,
  options: EditOptions = {},
): void {
  updateTab(options.tab ?? activeTab().id, (tab) => {
    const doc = changeAt(tab.doc, options.at ?? tab.path, (open) => returning(open, change(open)));
    if (doc === tab.doc) return tab;
    const goesOn = options.merge !== undefined && options.merge === tab.merge;
    const past = goesOn ? tab.past : [...tab.past, { label, doc: tab.doc }].slice(-KEPT);
    return { ...tab, doc, past, future: [], merge: options.merge ?? null };
  });
}

function returning(open: Workflow, made: Workflow): Workflow {
  const { catalogue } = useNodes.getState();
  return catalogue && made !== open ? withReturned(open, made, catalogue) : made;
}

/** End a merge: the next edit is a step of its own (on blur, on mouse up). */
export function seal(id: string = activeTab().id): void {
  updateTab(id, (tab) => (tab.merge === null ? tab : { ...tab, merge: null }));
}

export function undo(): void {
  updateTab(activeTab().id, (tab) => {
    const step = tab.past.at(-1);
    if (step === undefined) return tab;
    const future = [{ label: step.label, doc: tab.doc }, ...tab.future];
    return shown({ ...tab, doc: step.doc, past: tab.past.slice(0, -1), future, merge: null });
  });
}

export function redo(): void {
  updateTab(activeTab().id, (tab) => {
    const [step, ...future] = tab.future;
    if (step === undefined) return tab;
    const past = [...tab.past, { label: step.label, doc: tab.doc }];
    return shown({ ...tab, doc: step.doc, past, future, merge: null });
  });
}

/** Opens a workflow in a tab of its own and shows it; returns the tab's id. */
export function openTab(doc: Workflow, more: Partial<Tab> = {}): string {
  const tab = newTab(doc, more);
  useDocuments.setState(({ tabs, active }) => {
    const blank = doc !== EMPTY && tabs.find((one) => one.id === active && isUntouched(one));
    const kept = blank ? tabs.map((one) => (one === blank ? tab : one)) : [...tabs, tab];
    return { tabs: kept, active: tab.id };
  });
  return tab.id;
}

/** Opens what is nowhere else, such as a copy: it is unsaved from the beginning. */
export function openUnsaved(doc: Workflow): string {
  return openTab(doc, { opened: null });
}

/** Opens what a tab holds in another one. */
export function duplicateTab(id: string): void {
  const tab = findTab(id);
  if (tab) openUnsaved({ ...tab.doc });
}

/** Puts tabs of an earlier page before those that were opened meanwhile. */
export function restoreTabs(made: readonly Partial<Tab>[], active: string | null): void {
  const restored = made.map((more) => newTab(more.doc, more));
  if (restored.length === 0) return;
  useDocuments.setState((state) => {
    const others = state.tabs.filter((tab) => !isUntouched(tab));
    const tabs = [...restored, ...others];
    const shown = others.some((tab) => tab.id === state.active) ? state.active : active;
    const found = tabs.find((tab) => tab.id === shown) ?? tabs[0];
    return found ? { tabs, active: found.id } : state;
  });
}

/** Moves a tab to the place of another. */
export function moveTab(id: string, to: string): void {
  useDocuments.setState(({ tabs }) => {
    const [from, place] = [id, to].map((one) => tabs.findIndex((tab) => tab.id === one));
    const tab = tabs[from ?? -1];
    if (tab === undefined || place === undefined || place < 0) return {};
    return { tabs: tabs.filter((one) => one !== tab).toSpliced(place, 0, tab) };
  });
}

export function findTab(id: string): Tab | undefined {
  return useDocuments.getState().tabs.find((tab) => tab.id === id);
}

export function showTab(id: string): void {
  useDocuments.setState({ active: id });
}

/** Closes a tab; where it was the last one, an empty one takes its place. */
export function closeTab(id: string): void {
  useDocuments.setState((state) => {
    const place = state.tabs.findIndex((tab) => tab.id === id);
    const rest = state.tabs.filter((tab) => tab.id !== id);
    const tabs = rest.length > 0 ? rest : [newTab()];
    const next = tabs[Math.min(place, tabs.length - 1)] ?? tabs[0];
    return { tabs, active: state.active === id && next ? next.id : state.active };
  });
}

export function updateTab(id: string, change: (tab: Tab) => Tab): void {
  useDocuments.setState((state) => ({
    tabs: state.tabs.map((tab) => (tab.id === id ? change(tab) : tab)),
  }));
}

export function openPath(path: Path): void {
  updateTab(activeTab().id, (tab) => ({ ...tab, path, merge: null }));
}

/** Steps back to a subgraph that is there, where undo has taken away the open one. */
function shown(tab: Tab): Tab {
  let path = tab.path;
  while (path.length > 0 && at(tab.doc, path) === undefined) path = path.slice(0, -1);
  return path === tab.path ? tab : { ...tab, path };
}
