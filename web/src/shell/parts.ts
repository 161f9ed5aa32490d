/** Where the parts of the editor plug in: each adds a line to the list of its place. */

import type { ComponentType } from "react";
import { listen } from "../api/events";
import { Breadcrumbs, CanvasMenu, EditDialogs, startEditing } from "../editing";
import { followAddress } from "../form/address";
import { DeclaredDialog } from "../form/DeclaredDialog";
import { FormOffer } from "../form/FormOffer";
import { Banners } from "../keeping/Banners";
import { DropTarget } from "../keeping/DropTarget";
import { EmptyStart } from "../keeping/Gallery";
import { Questions } from "../keeping/Questions";
import { startKeeping } from "../keeping/session";
import { TabBar } from "../keeping/TabBar";
import { Finding, startFinding } from "../palette";
import { RunControls } from "../running/RunControls";
import { RunMany } from "../running/RunMany";
import { startRunning } from "../running/starts";
import { followSettings } from "../store/settings";
import { LateViewer } from "../viewer/LateViewer";
import { LateMask } from "../widgets/mask/LateMask";
import { AboutDialog } from "./AboutDialog";
import { SettingsDialog } from "./SettingsDialog";
import { ShortcutsDialog } from "./ShortcutsDialog";
import { followTheme } from "./theme";
import "./commands";
import "../form/declare";
import "../keeping/commands";

type Parts = readonly ComponentType[];

/** In the top bar: the open workflows. */
export const TABS: Parts = [TabBar];

/** In the top bar: run, stop, how many times. */
export const RUN: Parts = [RunControls];

/** At the top of the canvas: the way into a subgraph, banners. Where they take no place, they float. */
export const OVER_CANVAS: Parts = [Banners, FormOffer, Breadcrumbs, EmptyStart];

/** Drawn once, above all else; each shows itself when the view store says so: dialogs, palettes. */
export const OVERLAYS: Parts = [
  Questions,
  DropTarget,
  RunMany,
  LateViewer,
  LateMask,
  SettingsDialog,
  ShortcutsDialog,
  AboutDialog,
  DeclaredDialog,
  Finding,
  CanvasMenu,
  EditDialogs,
];

/** Called once when the page is there; what they return is called when it goes. */
export const STARTS: readonly (() => undefined | (() => void))[] = [
  followSettings,
  startKeeping,
  listen,
  startRunning,
  followTheme,
  followAddress,
  startFinding,
  startEditing,
];
