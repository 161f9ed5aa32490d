/** The context menu of the canvas: by the right button, the menu key, or a long press. */

import { Menu } from "@base-ui/react/menu";
import { useMemo } from "react";
import { useText } from "../text/catalogue";
import { Items } from "../ui/Menu";
import { menuItems } from "./menuItems";
import { useEditing } from "./store";

export function CanvasMenu() {
  const t = useText();
  const request = useEditing((state) => state.menu);
  const anchor = useMemo(() => {
    const { x, y } = request?.screen ?? { x: 0, y: 0 };
    return { getBoundingClientRect: () => new DOMRect(x, y, 0, 0) };
  }, [request]);
  if (request === null) return null;
  const close = () => useEditing.setState({ menu: null });
  return (
    <Menu.Root
      key={`${request.screen.x} ${request.screen.y}`}
      open
      modal={false}
      onOpenChange={(open) => (open ? undefined : close())}
    >
      <Menu.Portal>
        <Menu.Positioner
          anchor={anchor}
          side="bottom"
          align="start"
          sideOffset={2}
          className="ui-menu-place"
        >
          <Menu.Popup className="ui-menu" aria-label={t("editing.menu")}>
            <Items items={() => menuItems(request)} />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
