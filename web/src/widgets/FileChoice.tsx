/** The name of an input file, chosen from those on the server. */

import { useEffect, useState } from "react";
import { ApiError } from "../api/client";
import { useText } from "../text/catalogue";
import { ChoiceButton, type OpenChoice } from "./ChoiceButton";
import { ChoicePopup } from "./ChoicePopup";
import { type FileList, listFiles } from "./files";
import type { Spoken } from "./kinds";

interface FileChoiceProps {
  readonly kind: string;
  readonly name: string | undefined;
  readonly take: (name: string) => void;
  readonly spoken: Spoken;
}

const PAUSE_MS = 200;

export function FileChoice(props: FileChoiceProps) {
  return (
    <ChoiceButton
      shown={props.name}
      spoken={props.spoken}
      list={(open) => <Files {...props} {...open} />}
    />
  );
}

function Files({ kind, name, take, spoken, ...open }: FileChoiceProps & OpenChoice) {
  const t = useText();
  const [text, setText] = useState("");
  const found = useFound(kind, text);
  const files = found?.files ?? [];
  const options = files.map((file) => ({
    label: file.name,
    picture: file.thumbnail_url ? `${file.thumbnail_url}?size=128` : undefined,
  }));
  return (
    <ChoicePopup
      {...open}
      name={spoken["aria-label"]}
      options={options}
      chosen={options.find(({ label }) => label === name) ?? null}
      pick={({ label }) => take(label)}
      search={setText}
      empty={found ? undefined : t("widgets.loading")}
    />
  );
}

/** What the server finds; asked again as the search goes on, where it did not tell all. */
function useFound(kind: string, text: string): FileList | undefined {
  const [found, setFound] = useState<FileList>();
  const partly = found === undefined || found.total > found.files.length;
  const wanted = partly ? text : "";
  useEffect(() => {
    let current = true;
    const ask = async () => {
      try {
        const list = await listFiles(kind, wanted);
        if (current) setFound(list);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    };
    const timer = setTimeout(() => void ask(), wanted === "" ? 0 : PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [kind, wanted]);
  return found;
}
