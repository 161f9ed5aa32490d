/** The menu of a widget: what it is, its default, its socket, and what other parts add. */

import { Menu } from "@base-ui/react/menu";
import type { RefObject } from "react";
import { isLink, placeOf } from "../graph/workflow";
import { openDoc } from "../store/documents";
import { useText } from "../text/catalogue";
import { Items, type MenuItem } from "../ui/Menu";
import { About } from "./about";
import { resetValue, showAsSocket, unlink } from "./change";
import type { WidgetProps } from "./kinds";
import { addedItems } from "./menus";

export interface WidgetMenuProps {
  readonly target: WidgetProps;
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

export function WidgetMenu({ target, anchor, onClose }: WidgetMenuProps) {
  const t = useText();
  /** The control, which stands before the name. */
  const control = () =>
    anchor.current?.parentElement?.querySelector<HTMLElement>("input, textarea, button") ?? true;
  return (
    <Menu.Root open modal={false} onOpenChange={(open) => (open ? undefined : onClose())}>
      <Menu.Portal>
        <Menu.Positioner anchor={anchor} align="start" sideOffset={4} className="ui-menu-place">
          <Menu.Popup className="ui-menu" finalFocus={control}>
            <About target={target} />
            <Menu.Separator className="ui-menu-line" />
            <Items items={itemsOf(target, t)} />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function itemsOf(target: WidgetProps, t: (key: string) => string): readonly MenuItem[] {
  const { node, input, value } = target;
  const { name } = input;
  const added = addedItems(target);
  const first = isLink(value)
    ? { label: t("widgets.unlink"), run: () => unlink(node, name) }
    : {
        label: t("widgets.reset"),
        run: () => resetValue(node, name),
        disabled: value === undefined || input.required,
      };
  return [
    first,
    ...(input.widget ? [shapeItem(node, name, t)] : []),
    ...(added.length > 0 ? (["-", ...added] as const) : []),
  ];
}

function shapeItem(node: string, name: string, t: (key: string) => string): MenuItem {
  const isSocket = placeOf(openDoc(), node).sockets?.includes(name) === true;
  return {
    label: t(isSocket ? "widgets.toWidget" : "widgets.toSocket"),
    run: () => showAsSocket(node, name, !isSocket),
  };
}
