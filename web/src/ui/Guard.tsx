/** Keeps a fault of one part of the page from taking the rest away. */

import { CircleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";
import { useText } from "../text/catalogue";
import { Button } from "./Button";
import "./guard.css";

export interface GuardProps {
  readonly children: ReactNode;
  /** What shows nothing of its own shows nothing where it fails, too. */
  readonly silent?: boolean;
  /** What is shown: a fault belongs to it, and is forgotten where another is shown. */
  readonly of?: string;
}

interface State {
  readonly error: Error | null;
}

export class Guard extends Component<GuardProps, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override componentDidUpdate(before: GuardProps): void {
    if (before.of !== this.props.of && this.state.error !== null) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    if (this.props.silent) return null;
    return <Fault error={error} again={() => this.setState({ error: null })} />;
  }
}

function Fault({ error, again }: { error: Error; again: () => void }) {
  const t = useText();
  return (
    <div className="ui-guard" role="alert">
      <CircleAlert aria-hidden />
      <p>{t("shell.broken")}</p>
      <pre>{error.message}</pre>
      <Button onClick={again}>{t("shell.again")}</Button>
    </div>
  );
}
