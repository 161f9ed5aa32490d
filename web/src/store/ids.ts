/** Names that nothing else has, in pages that came over plain HTTP too. */

/** 16 letters and digits. `crypto.randomUUID` is there only over HTTPS and on this machine. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
