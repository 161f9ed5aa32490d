import { describe, expect, test } from "vitest";
import { type Field, ranked } from "../../src/graph/search";

const NAMES = ["KSampler", "KSampler Advanced", "Load Checkpoint", "Empty Latent", "VAE Decode"];
const MORE = [...NAMES, "Image Blur", "Blend Images", "Mask To Image", "Save Image", "Load Image"];

function find(query: string, texts: readonly string[] = MORE): string[] {
  return ranked(query, texts, (text): Field[] => [{ text, weight: 1, fuzzy: true }]);
}

describe("what is typed", () => {
  test("finds names that begin so before words, and words before insides", () => {
    expect(find("image").slice(0, 2)).toEqual(["Image Blur", "Save Image"]);
    expect(find("load")).toEqual(["Load Image", "Load Checkpoint"]);
    expect(find("sampl", ["Resampling", "KSampler"])).toEqual(["KSampler", "Resampling"]);
    expect(find("ample")).toEqual(["KSampler", "KSampler Advanced"]);
  });

  test("may leave letters out, exchange two, or have one wrong", () => {
    expect(find("lckpt")[0]).toBe("Load Checkpoint");
    expect(find("ksmapler")[0]).toBe("KSampler");
    expect(find("chekpoint")[0]).toBe("Load Checkpoint");
    expect(find("latemt")[0]).toBe("Empty Latent");
  });

  test("may be several words in any order, all of which must be somewhere", () => {
    expect(find("advanced ksampler")).toEqual(["KSampler Advanced"]);
    expect(find("ksampler image")).toEqual([]);
  });

  test("knows words that are written together", () => {
    expect(find("check", ["LoadCheckpoint", "Checkpoint"])).toEqual([
      "Checkpoint",
      "LoadCheckpoint",
    ]);
    expect(find("loadcheck", ["Load Checkpoint"])).toEqual(["Load Checkpoint"]);
  });

  test("typed in full is what is meant, also where it is another name", () => {
    const named = {
      "CLIP Text Encode SDXL": "CLIPTextEncodeSDXL",
      "CLIP Encode": "CLIPTextEncode",
    };
    const fields = ([shown, alias]: [string, string]): Field[] => [
      { text: shown, weight: 1, fuzzy: true },
      { text: alias, weight: 0.9, fuzzy: true },
    ];
    const found = ranked("CLIPTextEncode", Object.entries(named), fields);
    expect(found.map(([shown]) => shown)).toEqual(["CLIP Encode", "CLIP Text Encode SDXL"]);
  });

  test("ignores case and accents; nothing typed finds all", () => {
    expect(find("UBER", ["Über"])).toEqual(["Über"]);
    expect(find("")).toHaveLength(MORE.length);
  });

  test("finds nothing where letters are merely somewhere", () => {
    expect(find("xyz")).toEqual([]);
    expect(find("lnt", ["A long description of nothing in particular"])).toEqual([]);
  });

  test("finds what was used lately first among equals", () => {
    const fields = (text: string): Field[] => [{ text, weight: 1, fuzzy: true }];
    const used = (text: string) => (text === "Save Image" ? 10 : 0);

    expect(ranked("image", ["Load Image", "Save Image"], fields, used)[0]).toBe("Save Image");
  });
});

test("a sign alone is looked for in names, not in long texts that hold all signs", () => {
  const fields = (text: string): Field[] => [{ text, weight: 1, fuzzy: false }];
  expect(ranked("(", ["softens (a little)"], fields)).toEqual([]);
  expect(find("&", ["Cut & Paste", "Paste"])).toEqual(["Cut & Paste"]);
});
