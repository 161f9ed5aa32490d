// Run from web/, whose packages both pages use.
import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const packages = ["react", "react-dom", "@xyflow/react"];

export default {
  root: here("."),
  base: "./",
  resolve: {
    alias: packages.map((name) => ({
      find: name,
      replacement: here(`../../web/node_modules/${name}`),
    })),
  },
  build: {
    target: "es2022",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rollupOptions: { input: [here("bare.html"), here("editor.html")] },
  },
};
