// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { SaveAsDialog } from "../../src/keeping/NameDialogs";
import { openTab } from "../../src/store/documents";

afterEach(cleanup);

it("saving without a name says that one is missing, until one is typed", async () => {
  const tab = openTab({ nodegraph: 1, nodes: {} });
  render(<SaveAsDialog tab={tab} close={false} />);
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("It needs a name")).toBeTruthy();
  fireEvent.change(screen.getByRole("textbox"), { target: { value: "w" } });
  expect(screen.queryByText("It needs a name")).toBeNull();
});
