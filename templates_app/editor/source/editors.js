// One CodeMirror for each content and for the sample values; the textarea stays what is sent.
import { autocompletion } from "@codemirror/autocomplete";
import { jinja } from "@codemirror/lang-jinja";
import { json } from "@codemirror/lang-json";
import { linter, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { basicSetup } from "codemirror";
import { declaredNames } from "./draft.js";
import { look } from "./look.js";

const RESERVED = ["_timestamp", "_message_id", "_user_id"];

// Returns {id of the textarea: an editor with `show(problems)`}.
export function editors(page) {
  const made = {};
  for (const area of page.querySelectorAll("textarea[data-editor]")) made[area.id] = editor(page, area);
  return made;
}

function editor(page, area) {
  const language = new Compartment();
  const kind = page.querySelector(`[name="content_type_${area.dataset.channel}"]`);
  const mode = () => (area.dataset.editor === "json" || kind?.value === "json" ? json() : jinja());
  const view = new EditorView({
    doc: area.value,
    extensions: [
      basicSetup,
      language.of(mode()),
      look,
      EditorView.lineWrapping,
      lintGutter(),
      linter(null),
      autocompletion({ override: [(context) => names(context, page)] }),
      EditorView.contentAttributes.of({ "aria-labelledby": `label_${area.id}`, "aria-label": label(page, area) }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) pass(area, update.state.doc.toString());
      }),
    ],
  });
  area.before(view.dom);
  area.hidden = true;
  area.removeAttribute("required");
  kind?.addEventListener("change", () => view.dispatch({ effects: language.reconfigure(mode()) }));
  return { show: (problems) => view.dispatch(setDiagnostics(view.state, diagnostics(view.state.doc, problems))) };
}

function pass(area, text) {
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function label(page, area) {
  return page.querySelector(`label[for="${area.id}"]`)?.textContent.trim() ?? area.name;
}

function names(context, page) {
  const word = context.matchBefore(/\{[{%][^}]*/);
  if (!word && !context.explicit) return null;
  const typed = context.matchBefore(/[\p{L}\p{N}_]*/u);
  const options = [...declaredNames(page), ...RESERVED].map((name) => ({ label: name, type: "variable" }));
  return { from: typed ? typed.from : context.pos, options };
}

function diagnostics(doc, problems) {
  return problems.map((problem) => {
    const line = doc.line(Math.min(Math.max(problem.line ?? 1, 1), doc.lines));
    const from = Math.min(line.from + Math.max((problem.column ?? 1) - 1, 0), line.to);
    const to = Math.max(from, line.to);
    return { from, to, severity: problem.severity, message: `${problem.message} ${problem.remedy}` };
  });
}
