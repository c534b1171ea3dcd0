// Turns the contents of the template form into editors, and keeps the preview beside them.
import { editors } from "./editors.js";
import { readDraft } from "./draft.js";
import { livePreview } from "./preview.js";

function start() {
  const panel = document.querySelector("[data-live-preview]");
  const made = editors(document);
  if (!panel) return;
  const preview = livePreview(panel, () => readDraft(document), made);
  document.addEventListener("input", preview.soon);
  document.addEventListener("change", preview.soon);
  preview.now();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
