/** Short messages at the edge of the screen; errors stay until they are closed. */

import { create } from "zustand";

export interface Toast {
  readonly id: number;
  readonly kind: "info" | "success" | "error";
  readonly text: string;
  /** True only while the server is away. */
  readonly away?: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
  /** How often it was said since it is shown. */
  readonly count: number;
}

type Message = Omit<Toast, "id" | "count">;

interface Toasts {
  readonly toasts: readonly Toast[];
}

let last = 0;

export const useToasts = create<Toasts>(() => ({ toasts: [] }));

/** Says something; what is shown already is counted, and comes last again. */
export function toast(message: Message): number {
  const { toasts } = useToasts.getState();
  const same = toasts.find((one) => alike(one, message));
  if (same === undefined) last += 1;
  const made = { ...message, id: same?.id ?? last, count: (same?.count ?? 0) + 1 };
  useToasts.setState({ toasts: [...toasts.filter((one) => one !== same), made] });
  return made.id;
}

/** What is offered beside news, such as to undo it, is each time something else. */
function alike(one: Toast, message: Message): boolean {
  const offers = message.kind !== "error" && message.action !== undefined;
  return one.kind === message.kind && one.text === message.text && !offers;
}

/** Says what a request failed with; where no server answered, until one does. */
export function tellError(error: { status: number; message: string }, text = error.message) {
  return toast({ kind: "error", text, away: error.status === 0 });
}

export function dismiss(id: number): void {
  dismissWhere((one) => one.id === id);
}

export function dismissWhere(which: (toast: Toast) => boolean): void {
  useToasts.setState((state) => ({ toasts: state.toasts.filter((one) => !which(one)) }));
}
