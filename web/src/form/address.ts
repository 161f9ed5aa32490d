/** The form view has an address of its own, `#/form/NAME`, so that people can be sent there. */

import { openSaved } from "../keeping/opening";
import { useKeeping } from "../keeping/store";
import { activeTab, openPath, useDocuments } from "../store/documents";
import { show, useView } from "../store/view";

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
  const asked = FORM.exec(location.hash);
  if (asked === null) {
    show({ page: "graph" });
    return;
  }
  const name = asked[1] === undefined ? null : decodeURIComponent(asked[1]);
  await restored();
  if (name !== null && activeTab().name !== name) await openSaved(name);
  const isThere = name === null || activeTab().name === name;
  if (isThere) openPath([]);
  show({ page: isThere ? "form" : "graph" });
}

/** What was open before the page was loaded comes back first. */
function restored(): Promise<void> {
  return new Promise((done) => {
    if (useKeeping.getState().restored) return done();
    const forget = useKeeping.subscribe((state) => {
      if (!state.restored) return;
      forget();
      done();
    });
  });
}

function toAddress(): void {
  const { page } = useView.getState();
  const { name } = activeTab();
  const wanted = page === "form" ? `#/form${name ? `/${encodeURIComponent(name)}` : ""}` : "";
  if (page === "graph" && !FORM.test(location.hash)) return;
  if (location.hash === wanted) return;
  history.pushState(null, "", wanted || location.pathname + location.search);
}
