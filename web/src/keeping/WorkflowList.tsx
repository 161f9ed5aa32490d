/** The saved workflows by folder, searched, with what can be done with each. */

import { Ellipsis, FileText, Folder } from "lucide-react";
import { useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { listWorkflows, type WorkflowInfo } from "../api/workflows";
import { useRuns } from "../store/runs";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { TextField } from "../ui/Field";
import { Menu, type MenuItem } from "../ui/Menu";
import { byFolder, found } from "./folders";
import { FirstField } from "./NameDialogs";
import { openSaved } from "./opening";
import { remove } from "./removal";
import { ask, useKeeping } from "./store";
import { When } from "./When";
import "./keeping.css";

/** `onOpen` is called when one was chosen. */
export function WorkflowList({ focus, onOpen }: { focus: boolean; onOpen?: () => void }) {
  const t = useText();
  const [search, setSearch] = useState("");
  const all = useSaved();
  const removing = useKeeping((state) => state.removing);
  const there = all?.filter(({ name }) => !removing.includes(name));
  const shown = found(there ?? [], search);
  const open = (name: string) => {
    void openSaved(name);
    onOpen?.();
  };
  const field = (
    <TextField
      label={t("keeping.search")}
      value={search}
      onChange={setSearch}
      onEnter={() => shown[0] && open(shown[0].name)}
    />
  );
  return (
    <div className="keeping-list">
      {focus ? <FirstField>{field}</FirstField> : field}
      {there && shown.length === 0 ? (
        <p className="keeping-hint">
          {t(there.length === 0 ? "keeping.noWorkflows" : "keeping.noneFound")}
        </p>
      ) : null}
      {byFolder(shown).map(({ folder, workflows }) => (
        <section key={folder} aria-label={folder || t("keeping.workflows")}>
          {folder ? (
            <h3 className="keeping-folder">
              <Folder aria-hidden /> {folder}
            </h3>
          ) : null}
          <ul>
            {workflows.map((info) => (
              <Row key={info.name} info={info} open={open} />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

/** The newest versions, read again when something was saved or the server is back. */
function useSaved(): readonly WorkflowInfo[] | undefined {
  const [all, setAll] = useState<readonly WorkflowInfo[]>();
  // Read, so that these changing reads the list again.
  const changes = useKeeping((state) => state.changes);
  const connected = useRuns((state) => state.connected);
  useEffect(() => {
    let gone = false;
    listWorkflows()
      .then((list) => gone || setAll(list))
      .catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error;
      });
    return () => {
      gone = true;
    };
  }, [changes, connected]);
  return all;
}

function Row({ info, open }: { info: WorkflowInfo; open: (name: string) => void }) {
  const t = useText();
  const { name, version, saved_at } = info;
  const items: readonly MenuItem[] = [
    { label: t("keeping.open"), run: () => open(name) },
    { label: t("command.file.rename"), run: () => ask({ kind: "rename", name }) },
    "-",
    { label: t("common.delete"), run: () => remove(name), danger: true },
  ];
  return (
    <li className="keeping-row">
      <button type="button" className="keeping-open" onClick={() => open(name)} title={name}>
        <FileText aria-hidden />
        <span className="keeping-name">{name.split("/").at(-1)}</span>
        <span className="keeping-facts">
          {t("keeping.version", { version })}, <When at={saved_at} />
        </span>
      </button>
      <Menu
        trigger={<IconButton icon={<Ellipsis />} label={t("keeping.actions", { name })} />}
        items={items}
      />
    </li>
  );
}
