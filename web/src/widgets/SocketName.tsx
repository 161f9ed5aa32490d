/** The name of an input that is shown as a socket: its menu leads back to a field. */

import { memo, useState } from "react";
import { InputName } from "./InputName";
import type { WidgetProps } from "./kinds";
import { WrongMark } from "./WidgetFrame";
import { useWrong } from "./wrong";
import "./popups.css";
import "./widgets.css";

export const SocketName = memo(function SocketName(props: WidgetProps) {
  const [menu, setMenu] = useState(false);
  const wrong = useWrong(props);
  return (
    <>
      <InputName target={props} className="widget-socket-name" menu={menu} setMenu={setMenu} />
      {wrong ? <WrongMark target={props} wrong={wrong} /> : null}
    </>
  );
});
