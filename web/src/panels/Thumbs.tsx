/** Small pictures of what was made; each opens the large view. */

import { FileText, Film, Music, Package } from "lucide-react";
import { relative } from "../api/jobs";
import { isPicture } from "../canvas/results";
import type { Output } from "../store/runs";
import { view } from "../store/viewer";
import { useText } from "../text/catalogue";

const ICONS: { readonly [type: string]: typeof FileText } = {
  text: FileText,
  audio: Music,
  video: Film,
};

export function Thumbs({ outputs }: { readonly outputs: readonly Output[] }) {
  const t = useText();
  if (outputs.length === 0) return null;
  return (
    <ul className="panels-thumbs" aria-label={t("panels.results")}>
      {outputs.map((output, place) => (
        <li key={output.id}>
          <Thumb output={output} onOpen={() => view(outputs, place)} />
        </li>
      ))}
    </ul>
  );
}

export interface ThumbProps {
  readonly output: Output;
  readonly onOpen: () => void;
  readonly size?: 128 | 256;
}

export function Thumb({ output, onOpen, size = 128 }: ThumbProps) {
  const Icon = ICONS[output.type] ?? Package;
  return (
    <button
      type="button"
      className="panels-thumb"
      aria-label={output.name}
      title={output.name}
      onClick={onOpen}
    >
      {isPicture(output) && output.thumbnail_url !== null ? (
        <img
          src={relative(`${output.thumbnail_url}?size=${size}`)}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
        />
      ) : (
        <span className="panels-thumb-plain">
          <Icon aria-hidden />
          <span>{output.text ?? output.name}</span>
        </span>
      )}
    </button>
  );
}
