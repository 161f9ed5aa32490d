/** A list to choose from, with a field that searches it; made only while it is open. */

import { Combobox } from "@base-ui/react/combobox";
import { Check } from "lucide-react";
import { type KeyboardEvent, type ReactNode, type RefObject, useRef } from "react";
import { useText } from "../text/catalogue";

export interface Option {
  readonly label: string;
  /** A small picture of it. */
  readonly picture?: string | undefined;
}

export interface ChoicePopupProps<T extends Option> {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly name: string;
  readonly options: readonly T[];
  readonly chosen: T | null;
  readonly pick: (option: T) => void;
  readonly onClose: () => void;
  /** Told what is searched for, where the options are only some of all. */
  readonly search?: (text: string) => void;
  readonly initial?: string;
  /** Beside the search field. */
  readonly extra?: ReactNode;
  readonly empty?: string;
}

export function ChoicePopup<T extends Option>(props: ChoicePopupProps<T>) {
  const { anchor, name, options, chosen, pick, onClose, search, initial, extra, empty } = props;
  const t = useText();
  const marked = useRef(false);
  /** Enter takes the first that is found, also before anything is marked. */
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const wanted = event.currentTarget.value.toLowerCase();
    if (event.key !== "Enter" || marked.current || wanted === "") return;
    const first = options.find(({ label }) => label.toLowerCase().includes(wanted));
    if (first === undefined) return;
    event.preventDefault();
    pick(first);
    onClose();
  };
  return (
    <Combobox.Root
      open
      items={options}
      value={chosen}
      defaultInputValue={initial ?? ""}
      autoHighlight
      onItemHighlighted={(option) => {
        marked.current = option !== undefined;
      }}
      isItemEqualToValue={(a: T, b: T) => a.label === b.label}
      itemToStringLabel={(option: T) => option.label}
      onInputValueChange={(text) => search?.(text)}
      onValueChange={(option) => {
        if (option !== null) pick(option as T);
        onClose();
      }}
      onOpenChange={(open) => (open ? undefined : onClose())}
    >
      <Combobox.Portal>
        <Combobox.Positioner
          anchor={anchor}
          align="start"
          sideOffset={4}
          className="widget-pop-place"
        >
          <Combobox.Popup
            className="widget-pop widget-choices"
            aria-label={name}
            finalFocus={anchor}
          >
            <div className="widget-choices-head">
              <Combobox.Input
                className="widget-input"
                placeholder={t("widgets.search")}
                aria-label={t("widgets.search")}
                onKeyDown={onKeyDown}
              />
              {extra}
            </div>
            <Combobox.Empty className="widget-choices-none">
              {empty ?? t("widgets.none")}
            </Combobox.Empty>
            <Combobox.List className="widget-choices-list">
              {(option: T) => (
                <Combobox.Item key={option.label} value={option} className="widget-choice">
                  {option.picture === undefined ? null : (
                    <img
                      src={option.picture}
                      alt=""
                      loading="lazy"
                      className="widget-choice-picture"
                    />
                  )}
                  <span className="widget-choice-label">{option.label}</span>
                  <Combobox.ItemIndicator>
                    <Check />
                  </Combobox.ItemIndicator>
                </Combobox.Item>
              )}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}
