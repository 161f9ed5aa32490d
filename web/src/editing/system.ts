/** The clipboard of the system, also where pages may not ask for it: over plain HTTP. */

const KEY = "nodegraph.clip";

/** Text for other tabs, browsers and programs; kept in this browser too, for where that fails. */
export async function writeText(text: string): Promise<void> {
  keep(text);
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    writeByCommand(text);
  }
}

/** What is on the clipboard, or what was copied last here if the browser does not tell. */
export async function readText(): Promise<string> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return kept();
  }
}

/** What was copied last in this browser. */
export function kept(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

function keep(text: string): void {
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // Too large, or storing is forbidden: the system's clipboard still has it.
  }
}

function writeByCommand(text: string): void {
  const give = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("copy", give, { capture: true, once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", give, { capture: true });
}
