// Builds ../static/templates_app/editor.js; its first line names the sources it came from.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const target = "../static/templates_app/editor.js";
const sources = readdirSync("source").sort().map((name) => `source/${name}`);
const hash = createHash("sha256");
for (const path of [...sources, "package-lock.json"]) hash.update(readFileSync(path));

const made = await build({
  entryPoints: ["source/main.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  write: false,
});
writeFileSync(target, `// Built by make editor from ${hash.digest("hex")}\n${made.outputFiles[0].text}`);
