/** The bar at the top: menus, what is open, and running it. */

import { Redo2, Undo2 } from "lucide-react";
import { activeTab, redo, undo, useDocuments } from "../store/documents";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { PHONE, useMedia } from "../ui/media";
import { Connection } from "./Connection";
import { MainMenu } from "./MainMenu";
import { RUN, TABS } from "./parts";

export function TopBar() {
  const phone = useMedia(PHONE);
  return (
    <header className="shell-bar">
      <MainMenu />
      <div className="shell-tabs">
        {TABS.length === 0 ? <Title /> : TABS.map((Tabs, i) => <Tabs key={`tabs ${i}`} />)}
      </div>
      {phone ? null : <UndoRedo />}
      <div className="shell-run">
        {RUN.map((Run, i) => (
          <Run key={`run ${i}`} />
        ))}
      </div>
      <Connection />
    </header>
  );
}

function Title() {
  const t = useText();
  const name = useDocuments((state) => activeTab(state).name ?? activeTab(state).doc.name);
  return <span className="shell-title">{name || t("common.untitled")}</span>;
}

export function UndoRedo() {
  const t = useText();
  const back = useDocuments((state) => activeTab(state).past.at(-1)?.label);
  const forth = useDocuments((state) => activeTab(state).future[0]?.label);
  return (
    <>
      <IconButton
        icon={<Undo2 />}
        label={t("command.edit.undo")}
        onClick={undo}
        disabled={back === undefined}
      />
      <IconButton
        icon={<Redo2 />}
        label={t("command.edit.redo")}
        onClick={redo}
        disabled={forth === undefined}
      />
    </>
  );
}
