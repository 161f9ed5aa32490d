/** Requests to the server: JSON in, JSON out, and one kind of error. */

import { parseJson, writeJson } from "../graph/json";

/** An answer that is no success, or none at all (`status` 0: the server is not there). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: { readonly [name: string]: unknown };

  constructor(
    status: number,
    code: string,
    message: string,
    details: { readonly [name: string]: unknown } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export interface RequestOptions {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly form?: FormData;
  readonly headers?: { readonly [name: string]: string };
  readonly signal?: AbortSignal;
  /** After how many milliseconds without an answer the server counts as away. */
  readonly patience?: number;
}

/** A request without an answer holds one of the few connections that a browser makes. */
const PATIENCE_MS = 60_000;

/** Paths are relative to the page, so that the editor works behind a prefix. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const { ok, status, text } = await send(path, options);
  const found: unknown = text === "" ? null : read(text, status);
  if (!ok) throw errorOf(status, found);
  return found as T;
}

interface Answer {
  readonly ok: boolean;
  readonly status: number;
  readonly text: string;
}

async function send(path: string, options: RequestOptions): Promise<Answer> {
  const limit = new AbortController();
  // A file may take as long as it takes.
  const { patience = options.form === undefined ? PATIENCE_MS : undefined } = options;
  const timer = patience === undefined ? undefined : setTimeout(() => limit.abort(), patience);
  const signals = [limit.signal, ...(options.signal ? [options.signal] : [])];
  try {
    const answer = await fetch(path, { ...initOf(options), signal: AbortSignal.any(signals) });
    return { ok: answer.ok, status: answer.status, text: await answer.text() };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, "offline", "the server does not answer");
  } finally {
    clearTimeout(timer);
  }
}

function initOf({ method = "GET", body, form, headers }: RequestOptions): RequestInit {
  if (body === undefined) return { method, headers: { ...headers }, ...(form && { body: form }) };
  const json = { ...headers, "Content-Type": "application/json" };
  return { method, headers: json, body: writeJson(body) };
}

function read(text: string, status: number): unknown {
  try {
    return parseJson(text);
  } catch {
    throw new ApiError(status, "not_json", text.slice(0, 200));
  }
}

function errorOf(status: number, found: unknown): ApiError {
  const body = (found as { error?: { code?: string; message?: string; details?: object } } | null)
    ?.error;
  const details = (body?.details ?? {}) as { readonly [name: string]: unknown };
  return new ApiError(
    status,
    body?.code ?? `http_${status}`,
    body?.message ?? `${status}`,
    details,
  );
}
