/** The picture that a mask is painted on. It outlives the node, which may scroll out of sight. */

import { create } from "zustand";
import type { InputFile } from "../files";

interface Painting {
  readonly file: InputFile | null;
  /** Takes the name of the file that was made. */
  readonly take: (name: string) => void;
  /** Whether there are strokes that would be lost. */
  readonly touched: boolean;
}

const CLOSED: Painting = { file: null, take: () => {}, touched: false };

export const useMask = create<Painting>(() => CLOSED);

export function paintMask(file: InputFile, take: (name: string) => void): void {
  useMask.setState({ file, take, touched: false });
}

export function closeMask(): void {
  useMask.setState(CLOSED);
}
