// The colours come from the page's own properties, so that they follow its dark mode.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": { border: "1px solid var(--nt-line)", borderRadius: "6px", background: "var(--nt-panel)", color: "var(--nt-strong)", fontSize: "13px", maxHeight: "32em" },
  "&.cm-focused": { outline: "2px solid var(--nt-link)", outlineOffset: "-1px" },
  ".cm-scroller": { fontFamily: "ui-monospace, Menlo, Consolas, monospace", lineHeight: "1.55", minHeight: "9em" },
  ".cm-content": { caretColor: "var(--nt-strong)" },
  ".cm-cursor": { borderLeftColor: "var(--nt-strong)" },
  ".cm-gutters": { background: "var(--nt-soft)", color: "var(--nt-faint)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { background: "color-mix(in srgb, var(--nt-link) 8%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "color-mix(in srgb, var(--nt-link) 25%, transparent)" },
  ".cm-tooltip": { background: "var(--nt-panel)", border: "1px solid var(--nt-line)", color: "var(--nt-strong)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { background: "var(--nt-busy-back)", color: "var(--nt-strong)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.string, tags.special(tags.string)], color: "var(--nt-good-text)" },
  { tag: [tags.keyword, tags.bool, tags.null, tags.controlKeyword], color: "var(--nt-doubt-text)" },
  { tag: [tags.variableName, tags.propertyName, tags.definition(tags.propertyName)], color: "var(--nt-busy-text)" },
  { tag: [tags.number, tags.operator], color: "var(--nt-warn-text)" },
  { tag: [tags.brace, tags.bracket, tags.special(tags.brace), tags.processingInstruction], color: "var(--nt-link)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--nt-faint)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--nt-bad-text)" },
]);

export const look = [theme, syntaxHighlighting(colours)];
