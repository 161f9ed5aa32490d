/** The names of the models that the server has, by kind. */

import { useEffect } from "react";
import { create } from "zustand";
import { ApiError, request } from "../api/client";

interface Models {
  /** Null until they were asked for. */
  readonly models: { readonly [kind: string]: readonly string[] } | null;
  readonly loading: boolean;
}

const useModels = create<Models>(() => ({ models: null, loading: false }));
const NONE: readonly string[] = [];

/** Asks the server again; without an answer the list stays as it was. */
export async function loadModels(): Promise<void> {
  if (useModels.getState().loading) return;
  useModels.setState({ loading: true });
  try {
    const { models } = await request<{ models: Models["models"] }>("api/editor/models");
    useModels.setState({ models });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  } finally {
    useModels.setState({ loading: false });
  }
}

/** Undefined while nobody knows. */
export function useModelNames(kind: string): readonly string[] | undefined {
  const names = useModels(({ models }) => (models === null ? undefined : (models[kind] ?? NONE)));
  const unknown = names === undefined;
  useEffect(() => {
    if (unknown) void loadModels();
  }, [unknown]);
  return names;
}

export function useModelsLoading(): boolean {
  return useModels((state) => state.loading);
}
