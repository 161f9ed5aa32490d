/** The input files of nodes, on the server: listing, finding, uploading. */

import { useEffect } from "react";
import { create } from "zustand";
import { ApiError, request } from "../api/client";

export interface InputFile {
  readonly name: string;
  readonly size: number;
  readonly content_type: string;
  readonly url: string;
  readonly thumbnail_url: string | null;
  readonly modified_at: string;
}

export interface FileList {
  readonly files: readonly InputFile[];
  readonly total: number;
}

interface Files {
  /** By name; null where there is no such file. */
  readonly known: { readonly [name: string]: InputFile | null };
}

const useFiles = create<Files>(() => ({ known: {} }));

/** The newest files that a widget takes, with a text in their names. */
export async function listFiles(kind: string, search = "", limit = 200): Promise<FileList> {
  const query = new URLSearchParams({ kind, search, limit: String(limit) });
  const found = await request<FileList>(`api/editor/inputs?${query}`);
  remember(found.files);
  return found;
}

/** Puts a file among the input files; where another has its name, it gets one beside it. */
export async function upload(file: Blob, name: string): Promise<InputFile> {
  const form = new FormData();
  form.append("name", name);
  form.append("file", file, name);
  const made = await request<InputFile>("api/editor/inputs", { method: "POST", form });
  remember([made]);
  return made;
}

/** Undefined while nobody knows, null where there is no such file. */
export function useInputFile(name: string | undefined): InputFile | null | undefined {
  const found = useFiles(({ known }) => (name === undefined ? undefined : known[name]));
  const unknown = name !== undefined && found === undefined;
  useEffect(() => {
    if (name === undefined || !unknown) return;
    // After a moment: a name may be on its way.
    const timer = setTimeout(() => void find(name), 150);
    return () => clearTimeout(timer);
  }, [name, unknown]);
  return found;
}

async function find(name: string): Promise<void> {
  try {
    const { files } = await listFiles("", name, 500);
    if (files.some((file) => file.name === name)) return;
    useFiles.setState(({ known }) => ({ known: { ...known, [name]: null } }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

function remember(files: readonly InputFile[]): void {
  const fresh = Object.fromEntries(files.map((file) => [file.name, file]));
  useFiles.setState(({ known }) => ({ known: { ...known, ...fresh } }));
}

/** What the browser's dialog offers for a kind of file. */
export function acceptOf(kind: string): string | undefined {
  if (["image", "video", "audio", "text"].includes(kind)) return `${kind}/*`;
  return kind === "latent" ? ".latent,.safetensors" : undefined;
}

/** Whether a file is of the kind that is asked for, as far as its name and type say. */
export function fits(kind: string, { type, name }: { type: string; name: string }): boolean {
  const accept = acceptOf(kind);
  if (accept === undefined) return true;
  if (accept.endsWith("/*")) return type === "" || type.startsWith(`${kind}/`);
  return accept.split(",").some((ending) => name.toLowerCase().endsWith(ending));
}

/** What another version of a file is called: `photos/cat.png` -> `photos/cat-mask.png`. */
export function maskName(name: string): string {
  const stem = name.replace(/\.[^./]*$/, "").replace(/-mask( \(\d+\))?$/, "");
  return `${stem}-mask.png`;
}
