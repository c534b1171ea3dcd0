// Keeps the page current: asks for a new state, and swaps the changed part in.
"use strict";

(() => {
  const live = document.getElementById("live");
  const pause = 1500;

  async function revisionNow() {
    const answer = await fetch("/api/messages?since_id=999999999999", {
      cache: "no-store",
    });
    return answer.ok ? answer.headers.get("X-Sandbox-Revision") : null;
  }

  function isBusy() {
    const focused = document.activeElement;
    return focused !== null && live.contains(focused) && focused.closest(".panel") !== null;
  }

  async function swap(revision) {
    const answer = await fetch("/live?lang=" + live.dataset.language);
    if (!answer.ok) return;
    const open = [...live.querySelectorAll("details[open]")].map((part) => part.id);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    live.replaceChildren(...page.body.childNodes);
    for (const id of open) {
      const part = document.getElementById(id);
      if (part) part.open = true;
    }
    live.dataset.revision = revision;
  }

  async function refresh() {
    if (document.hidden || isBusy()) return;
    const revision = await revisionNow();
    if (revision && revision !== live.dataset.revision) await swap(revision);
  }

  async function keepCurrent() {
    try {
      await refresh();
      live.classList.remove("offline");
    } catch {
      live.classList.add("offline");
    }
    window.setTimeout(keepCurrent, pause);
  }

  window.setTimeout(keepCurrent, pause);
})();
