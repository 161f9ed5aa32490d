/** The form view has an address of its own, `#/form/NAME`, so that people can be sent there. */

import { ApiError } from "../api/client";
import { loadWorkflow } from "../api/workflows";
import { activeTab, openPath, openTab, showTab, useDocuments } from "../store/documents";
import { toast } from "../store/toasts";
import { show, useView } from "../store/view";
import { t } from "../text/catalogue";

const FORM = /^#\/form(?:\/(.+))?$/;

/** Keeps page and address together until the returned function is called. */
export function followAddress(): () => void {
  void fromAddress();
  const read = () => void fromAddress();
  addEventListener("hashchange", read);
  const forgetView = useView.subscribe((state, before) => {
    if (state.page !== before.page) toAddress();
  });
  const forgetTabs = useDocuments.subscribe((state, before) => {
    if (state.active !== before.active || activeTab(state).name !== activeTab(before).name) {
      if (useView.getState().page === "form") toAddress();
    }
  });
  return () => {
    removeEventListener("hashchange", read);
    forgetView();
    forgetTabs();
  };
}

async function fromAddress(): Promise<void> {
  const found = FORM.exec(location.hash);
  if (found === null) {
    show({ page: "graph" });
    return;
  }
  const name = found[1] === undefined ? null : decodeURIComponent(found[1]);
  if (name !== null && activeTab().name !== name && !(await opened(name))) return;
  openPath([]);
  show({ page: "form" });
}

/** Shows the tab of a saved workflow, or opens one; says whether it could. */
async function opened(name: string): Promise<boolean> {
  const tab = useDocuments.getState().tabs.find((one) => one.name === name);
  if (tab) {
    showTab(tab.id);
    return true;
  }
  try {
    const { document, version } = await loadWorkflow(name);
    openTab(document, { name, version, saved: document });
    return true;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const text = error.status === 404 ? t("form.unknown", { name }) : error.message;
    toast({ kind: "error", text });
    show({ page: "graph" });
    return false;
  }
}

function toAddress(): void {
  const { page } = useView.getState();
  const { name } = activeTab();
  const wanted = page === "form" ? `#/form${name ? `/${encodeURIComponent(name)}` : ""}` : "";
  if (page === "graph" && !FORM.test(location.hash)) return;
  if (location.hash === wanted) return;
  history.pushState(null, "", wanted || location.pathname + location.search);
}
