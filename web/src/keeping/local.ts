/** What this browser keeps of every open tab by itself, for when page or server are gone. */

import type { DraftRef } from "../api/workflows";
import type { Workflow } from "../graph/workflow";

/** A tab as it is kept. */
export interface KeptTab {
  readonly id: string;
  /** The window (a tab of the browser) that it is open in. */
  readonly window: string;
  readonly place: number;
  readonly active: boolean;
  readonly doc: Workflow;
  readonly name: string | null;
  readonly version: number | null;
  readonly unsaved: boolean;
  readonly draft: DraftRef | null;
  /** Whether it is to be saved as soon as the server is back. */
  readonly owed?: boolean;
}

export interface Shelf {
  all(): Promise<KeptTab[]>;
  change(put: readonly KeptTab[], drop: readonly string[]): Promise<void>;
}

const NAME = "nodegraph";
const STORE = "tabs";

/** The browser's database; undefined where it has none, or lets no page have one. */
export async function openShelf(): Promise<Shelf | undefined> {
  try {
    return shelfOf(await openDatabase());
  } catch {
    return undefined;
  }
}

function openDatabase(): Promise<IDBDatabase> {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
  return answer(asked);
}

function shelfOf(database: IDBDatabase): Shelf {
  return {
    all: () => answer(database.transaction(STORE).objectStore(STORE).getAll()),
    change: (put, drop) =>
      new Promise((done, fail) => {
        const transaction = database.transaction(STORE, "readwrite");
        const store = transaction.objectStore(STORE);
        for (const tab of put) store.put(tab);
        for (const id of drop) store.delete(id);
        transaction.oncomplete = () => done();
        transaction.onabort = () => fail(transaction.error);
      }),
  };
}

function answer<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((done, fail) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}
