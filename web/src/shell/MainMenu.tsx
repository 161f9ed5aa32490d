/** The menus: words in a row, or all of them under one button where there is little room. */

import { Menubar } from "@base-ui/react/menubar";
import { MenuIcon } from "lucide-react";
import { useText } from "../text/catalogue";
import { IconButton } from "../ui/Button";
import { Menu, type MenuItem } from "../ui/Menu";
import { NARROW, useMedia } from "../ui/media";
import { MENUS, menuItems } from "./menus";

export function MainMenu() {
  const t = useText();
  const narrow = useMedia(NARROW);
  if (narrow) {
    return (
      <Menu trigger={<IconButton icon={<MenuIcon />} label={t("shell.menu")} />} items={all} />
    );
  }
  return (
    <Menubar modal={false} className="shell-menus" aria-label={t("shell.menu")}>
      {MENUS.map((menu) => (
        <Menu
          key={menu}
          inBar
          trigger={
            <button type="button" className="ui-button ui-quiet shell-menu">
              {t(`shell.menu.${menu}`)}
            </button>
          }
          items={() => menuItems(menu)}
        />
      ))}
    </Menubar>
  );
}

function all(): MenuItem[] {
  return MENUS.map((menu) => ({ group: `shell.menu.${menu}`, items: menuItems(menu) }));
}
