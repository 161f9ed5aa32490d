/** The categories that are open, one in the other; each leads back to itself. */

import { useNodes } from "../store/nodes";
import { useText } from "../text/catalogue";

interface TrailProps {
  readonly category: string;
  readonly onOpen: (category: string) => void;
}

export function Trail({ category, onOpen }: TrailProps) {
  const t = useText();
  const catalogue = useNodes((state) => state.catalogue);
  if (category === "") return null;
  const names = category.split("/");
  return (
    <nav className="palette-trail" aria-label={t("palette.trail")}>
      <button type="button" className="palette-step" onClick={() => onOpen("")}>
        {t("palette.all")}
      </button>
      {names.map((name, place) => (
        <button
          key={names.slice(0, place + 1).join("/")}
          type="button"
          className="palette-step"
          onClick={() => onOpen(names.slice(0, place + 1).join("/"))}
        >
          {catalogue?.categoryName(names.slice(0, place + 1).join("/")) ?? name}
        </button>
      ))}
    </nav>
  );
}
