/** A time, as near as it matters. */

import { useSettings } from "../store/settings";

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
] as const;

export function When({ at }: { at: string }) {
  const language = useSettings((state) => state.language);
  const time = new Date(at);
  return (
    <time dateTime={at} title={time.toLocaleString(language)}>
      {since(time, language)}
    </time>
  );
}

export function since(time: Date, language: string, now = new Date()): string {
  const seconds = (time.getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "second");
}
