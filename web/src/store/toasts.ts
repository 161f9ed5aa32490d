/** Short messages at the edge of the screen; errors stay until they are closed. */

import { create } from "zustand";

export interface Toast {
  readonly id: number;
  readonly kind: "info" | "success" | "error";
  readonly text: string;
  /** Stays until it is closed, as errors do: it tells of work that could be overlooked. */
  readonly lasting?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

interface Toasts {
  readonly toasts: readonly Toast[];
}

let last = 0;

export const useToasts = create<Toasts>(() => ({ toasts: [] }));

export function toast(message: Omit<Toast, "id">): number {
  last += 1;
  const made = { ...message, id: last };
  useToasts.setState((state) => ({ toasts: [...state.toasts, made] }));
  return made.id;
}

export function dismiss(id: number): void {
  useToasts.setState((state) => ({ toasts: state.toasts.filter((one) => one.id !== id) }));
}
