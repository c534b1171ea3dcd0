// Asks the server what the draft would send, 250 ms after the last key; the newest answer wins.

const WAIT = 250;

export function livePreview(panel, draft, editors) {
  let timer;
  let asking;
  const state = panel.querySelector("[data-live-state]");

  async function now() {
    asking?.abort();
    const mine = (asking = new AbortController());
    panel.dataset.busy = "true";
    try {
      const answer = await ask(panel, draft(), mine.signal);
      draw(panel.querySelector("[data-live-drawings]"), answer.html);
      mark(panel, answer.problems, editors);
      if (state) state.hidden = true;
    } catch (error) {
      if (error.name === "AbortError") return;
      if (state) state.hidden = false;
    }
    if (mine === asking) delete panel.dataset.busy;
  }

  return {
    now,
    soon(event) {
      if (event?.target.closest?.("[data-live-preview]")) return;
      clearTimeout(timer);
      timer = setTimeout(now, WAIT);
    },
  };
}

async function ask(panel, draft, signal) {
  const answer = await fetch(panel.dataset.livePreview, {
    method: "POST",
    body: JSON.stringify(draft),
    headers: { "Content-Type": "application/json", "X-CSRFToken": token() },
    signal,
  });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return answer.json();
}

function token() {
  return document.querySelector('[name="csrfmiddlewaretoken"]')?.value ?? "";
}

function draw(place, html) {
  const open = new Set(
    [...place.querySelectorAll("details[open]")].map((one) => one.closest("[data-channel]")?.dataset.channel),
  );
  place.innerHTML = html;
  for (const part of place.querySelectorAll("template[data-drawing]")) {
    part.parentElement.attachShadow({ mode: "open" }).append(part.content);
  }
  for (const part of place.querySelectorAll("details")) {
    part.open = open.has(part.closest("[data-channel]")?.dataset.channel);
  }
}

// Problems stand in the gutter of their editor; those without one are listed in the panel.
function mark(panel, problems, editors) {
  const rest = [];
  const placed = {};
  for (const problem of problems) {
    const id = fieldOf(problem.where);
    if (id in editors) (placed[id] ??= []).push(problem);
    else rest.push(problem);
  }
  for (const [id, editor] of Object.entries(editors)) editor.show(placed[id] ?? []);
  const list = panel.querySelector("[data-live-problems]");
  list.replaceChildren(...rest.map(item));
}

function fieldOf(where) {
  const [, root, channel, part] = where.split("/");
  if (root === "contents" && channel && part !== "subject_template") return `id_content_${channel}`;
  return root === "sample_variables" ? "id_sample_variables" : "";
}

function item(problem) {
  const line = document.createElement("li");
  line.className = problem.severity === "error" ? "nt-note nt-bad" : "nt-note nt-warn";
  line.textContent = `${problem.message} ${problem.remedy}`;
  return line;
}
