import { describe, expect, it } from "vitest";
import { changeWeight } from "../../src/widgets/weights";

/** The marks « and » stand for the ends of the selection. */
function change(marked: string, step: number): string {
  const start = marked.indexOf("«");
  const end = marked.indexOf("»") - 1;
  const made = changeWeight(marked.replace(/[«»]/g, ""), start, end, step);
  const { text } = made;
  return `${text.slice(0, made.start)}«${text.slice(made.start, made.end)}»${text.slice(made.end)}`;
}

describe("weights of prompts", () => {
  it.each([
    ["a «red» circle", 0.1, "a («red»:1.1) circle"],
    ["a r«»ed circle", 0.1, "a («red»:1.1) circle"],
    ["a « red » circle", 0.1, "a  («red»:1.1)  circle"],
    ["a («red»:1.1) circle", 0.1, "a («red»:1.2) circle"],
    ["a «(red:1.1)» circle", 0.1, "a («red»:1.2) circle"],
    ["a (red:1.«1») circle", 0.1, "a («red»:1.2) circle"],
    ["a (red«:1.1)» circle", -0.1, "a «red» circle"],
    ["a (r«»ed:1.1) circle", -0.1, "a «red» circle"],
    ["a «red» circle", -0.1, "a («red»:0.9) circle"],
    ["a (re«»d) circle", 0.1, "a («red»:1.2) circle"],
    ["a (re«»d) circle", -0.1, "a «red» circle"],
    ["a [r«»ed:blue:0.5] circle", 0.1, "a [(«red»:1.1):blue:0.5] circle"],
    ["a [red|bl«»ue] circle", 0.1, "a [red|(«blue»:1.1)] circle"],
    ["a [r«»ed] circle", 0.1, "a [(«red»:1.01)] circle"],
    ["red«», blue", 0.1, "(«red»:1.1), blue"],
    ["red«».", 0.1, "(«red»:1.1)."],
  ])("%s by %s", (before, step, after) => {
    expect(change(before, step)).toBe(after);
  });

  it("nests: a word in a bracket begins with the weight around it, and ends there", () => {
    expect(change("(a «b» c:1.3)", 0.1)).toBe("(a («b»:1.4) c:1.3)");
    expect(change("(a («b»:1.4) c:1.3)", -0.1)).toBe("(a «b» c:1.3)");
    expect(change("((a «b»:1.2) c:1.3)", 0.1)).toBe("((a («b»:1.3):1.2) c:1.3)");
    expect(change("((a b«»:1.2) c:1.3)", 0.1)).toBe("(«a b» c:1.3)");
  });

  it("never cuts a bracket in two", () => {
    expect(change("«a (b» c:1.2) d", 0.1)).toBe("(«a (b c:1.2)»:1.1) d");
    expect(change("(a «b:1.2) c» d", 0.1)).toBe("(«(a b:1.2) c»:1.1) d");
  });

  it("leaves escaped brackets and square ones alone", () => {
    expect(change("cat_\\(an«»imal\\)", 0.1)).toBe("(«cat_\\(animal\\)»:1.1)");
    expect(change("[a «b»]", 0.1)).toBe("[a («b»:1.01)]");
  });

  it("does nothing where there is no word, and stays within 0 to 10", () => {
    expect(change("a «» b", 0.1)).toBe("a «» b");
    expect(change("", 0.1)).toBe("«»");
    expect(change("(«a»:0.05)", -0.1)).toBe("(«a»:0)");
    expect(change("(«a»:9.95)", 0.1)).toBe("(«a»:10)");
  });

  it("takes a colon without a number for a word", () => {
    expect(change("(«a:b»)", 0.1)).toBe("(«a:b»:1.2)");
    expect(change("«embedding:bad»", 0.1)).toBe("(«embedding:bad»:1.1)");
  });

  it("does not choke on a thousand brackets", () => {
    const deep = `${"(".repeat(1000)}a${")".repeat(1000)}`;
    expect(changeWeight(deep, 1000, 1001, 0.1).text.length).toBeGreaterThan(2000);
  });
});
