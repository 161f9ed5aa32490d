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
}

/** Paths are relative to the page, so that the editor works behind a prefix. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const answer = await send(path, options);
  const text = await answer.text();
  const found: unknown = text === "" ? null : read(text, answer.status);
  if (!answer.ok) throw errorOf(answer.status, found);
  return found as T;
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { ...options.headers };
  const init: RequestInit = { method: options.method ?? "GET", headers };
  if (options.body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = writeJson(options.body);
  } else if (options.form !== undefined) init.body = options.form;
  if (options.signal !== undefined) init.signal = options.signal;
  try {
    return await fetch(path, init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, "offline", "the server does not answer");
  }
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
