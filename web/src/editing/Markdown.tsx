/**
 * Markdown as elements: what is written can make no others than these. Tags are shown as text,
 * pictures as links, since nothing is fetched from outside.
 */

import { lexer, type Token, type Tokens } from "marked";
import { Fragment, type ReactNode, useMemo } from "react";
import { safeLink } from "../graph/notes";

export function Markdown({ text }: { readonly text: string }) {
  const tokens = useMemo(() => lexer(text, { gfm: true, breaks: true }), [text]);
  return <>{drawn(tokens)}</>;
}

function drawn(tokens: readonly Token[] | undefined): ReactNode {
  return tokens?.map((token, place) => <Fragment key={place}>{element(token)}</Fragment>);
}

const HEADINGS = ["h3", "h4", "h5", "h6", "h6", "h6"] as const;

function element(token: Token): ReactNode {
  switch (token.type) {
    case "heading": {
      const Heading = HEADINGS[(token as Tokens.Heading).depth - 1] ?? "h6";
      return <Heading>{drawn(token.tokens)}</Heading>;
    }
    case "paragraph":
      return <p>{drawn(token.tokens)}</p>;
    case "blockquote":
      return <blockquote>{drawn(token.tokens)}</blockquote>;
    case "list":
      return <List list={token as Tokens.List} />;
    case "code":
      return <pre>{(token as Tokens.Code).text}</pre>;
    case "table":
      return <Table table={token as Tokens.Table} />;
    case "hr":
      return <hr />;
    case "space":
    case "def":
      return null;
    default:
      return inline(token);
  }
}

function inline(token: Token): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong>{drawn(token.tokens)}</strong>;
    case "em":
      return <em>{drawn(token.tokens)}</em>;
    case "del":
      return <del>{drawn(token.tokens)}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Link href={(token as Tokens.Link).href}>{drawn(token.tokens)}</Link>;
    case "image":
      return <Link href={(token as Tokens.Image).href}>{(token as Tokens.Image).text}</Link>;
    case "escape":
      return (token as Tokens.Escape).text;
    case "checkbox":
      return null;
    default: {
      const { tokens, text, raw } = token as Tokens.Text;
      return tokens ? drawn(tokens) : token.type === "text" ? text : raw;
    }
  }
}

function Link({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const safe = safeLink(href);
  if (safe === undefined) return <>{children}</>;
  return (
    <a className="nodrag" href={safe} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

function List({ list }: { readonly list: Tokens.List }) {
  const items = list.items.map((item, place) => (
    <li key={place}>
      {item.task ? <input type="checkbox" checked={item.checked ?? false} disabled /> : null}
      {drawn(item.tokens)}
    </li>
  ));
  return list.ordered ? <ol start={Number(list.start) || 1}>{items}</ol> : <ul>{items}</ul>;
}

function Table({ table }: { readonly table: Tokens.Table }) {
  const cells = (row: readonly Tokens.TableCell[], Cell: "th" | "td") =>
    row.map((cell, place) => <Cell key={place}>{drawn(cell.tokens)}</Cell>);
  return (
    <table>
      <thead>
        <tr>{cells(table.header, "th")}</tr>
      </thead>
      <tbody>
        {table.rows.map((row, place) => (
          <tr key={place}>{cells(row, "td")}</tr>
        ))}
      </tbody>
    </table>
  );
}
