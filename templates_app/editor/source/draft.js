// Reads the form into the shape in which callers of the API send templates.

export function readDraft(page) {
  const stored = page.getElementById("stored-draft");
  if (stored) return JSON.parse(stored.textContent);
  return {
    key: value(page, "template_key") ?? page.querySelector("[data-template-key]")?.dataset.templateKey,
    name: value(page, "template_name"),
    undefined: value(page, "undefined"),
    variables: declaredNames(page),
    sample_variables: value(page, "sample_variables"),
    contents: contents(page),
  };
}

export function declaredNames(page) {
  return (value(page, "variable_names") ?? "").split(/\s+/).filter(Boolean);
}

function contents(page) {
  const found = {};
  for (const area of page.querySelectorAll("textarea[data-channel]")) {
    const channel = area.dataset.channel;
    const subject = value(page, `subject_${channel}`) ?? "";
    if (!area.value.trim() && !subject.trim()) continue;
    found[channel] = {
      content_type: value(page, `content_type_${channel}`),
      subject_template: subject,
      content_template: area.value,
    };
  }
  return found;
}

function value(page, name) {
  return page.querySelector(`[name="${name}"]`)?.value;
}
