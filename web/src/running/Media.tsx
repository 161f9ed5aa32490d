/** An output as what it is: a picture, a film, a sound, a text, or a file to take away. */

import { FileDown } from "lucide-react";
import { useEffect, useState } from "react";
import { relative } from "../api/jobs";
import { isPicture } from "../canvas/results";
import type { Output } from "../store/runs";
import "./media.css";

/** Larger files are shown by their thumbnail where the place is small. */
const LARGE_BYTES = 150_000;
const MOST_TEXT = 20_000;

export interface MediaProps {
  readonly output: Output;
  /** The longer side of the place it is shown in. */
  readonly size?: 128 | 256 | 512;
}

export function Media({ output, size = 512 }: MediaProps) {
  if (isPicture(output)) return <Picture output={output} size={size} />;
  const url = relative(output.url);
  if (output.type === "video") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: nobody wrote down what is said in it
      <video className="media media-video" src={url} controls loop aria-label={output.name} />
    );
  }
  if (output.type === "audio") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: nobody wrote down what is said in it
      <audio className="media media-audio" src={url} controls aria-label={output.name} />
    );
  }
  if (output.type === "text") return <Text output={output} />;
  return (
    <a className="media media-file" href={url} download={output.name}>
      <FileDown aria-hidden /> {output.name}
    </a>
  );
}

function Text({ output }: { readonly output: Output }) {
  const there = output.text === null && output.size_bytes > 0;
  const read = useContent(there ? relative(output.url) : null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
    <pre className="media media-text" tabIndex={0}>
      {output.text ?? read}
    </pre>
  );
}

/** The beginning of a file; empty until it is there, and if there is none. */
function useContent(url: string | null): string {
  const [found, setFound] = useState({ url: "", text: "" });
  useEffect(() => {
    if (url === null) return;
    const stop = new AbortController();
    fetch(url, { signal: stop.signal, headers: { Range: `bytes=0-${MOST_TEXT - 1}` } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => setFound({ url, text: text.slice(0, MOST_TEXT) }))
      .catch(() => undefined); // it is not there any more, or nobody wants it now
    return () => stop.abort();
  }, [url]);
  return found.url === url ? found.text : "";
}

function Picture({ output, size }: Required<MediaProps>) {
  const small = output.size_bytes < LARGE_BYTES || output.thumbnail_url === null;
  const url = small ? output.url : `${output.thumbnail_url}?size=${size}`;
  return (
    <img
      className="media media-picture"
      src={relative(url)}
      alt={output.name}
      draggable={false}
      loading="lazy"
      decoding="async"
    />
  );
}
