// Run from web/, whose packages both pages use.
import { fileURLToPath } from "node:url";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const packages = ["react", "react-dom", "@xyflow/react"];

/** One page a build, named by the mode: neither waits for files that only the other needs. */
export default ({ mode }: { mode: string }) => ({
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
    emptyOutDir: false,
    assetsInlineLimit: 0,
    rollupOptions: { input: here(`${mode}.html`) },
  },
});
