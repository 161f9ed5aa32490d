/** The large view of results: which ones can be leafed through, and what is compared. */

import { create } from "zustand";
import type { Output } from "./runs";

interface Viewer {
  /** Empty while it is closed. */
  readonly outputs: readonly Output[];
  readonly at: number;
  /** The place of the one that lies beside, while two are compared. */
  readonly beside: number | null;
  /** Whether what the result was made with is shown. */
  readonly facts: boolean;
}

export const useViewer = create<Viewer>(() => ({ outputs: [], at: 0, beside: null, facts: false }));

export function view(outputs: readonly Output[], at: number): void {
  useViewer.setState({ outputs, at, beside: null });
}

export function closeViewer(): void {
  useViewer.setState({ outputs: [], beside: null });
}

/** Shows another one; does not go beyond the ends. */
export function go(to: number): void {
  useViewer.setState(({ outputs }) => ({ at: Math.min(Math.max(to, 0), outputs.length - 1) }));
}

export function compareWith(beside: number | null): void {
  useViewer.setState({ beside });
}

export function showFacts(facts: boolean): void {
  useViewer.setState({ facts });
}
