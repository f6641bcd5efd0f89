// Live updates and small comforts. Every page works without this file.
const strip = () => document.querySelector("[data-status]");

// What answers a form stands at its page's address from here on: going back to it, or loading it again,
// asks for that page and sends nothing twice.
const own = document.body.dataset.own;
if (own) history.replaceState(null, "", own);

// A form that moves something is sent once; the server refuses a repeat anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// A form whose session has ended is not sent, nor one that came too fast. What was typed waits in this
// tab for the same person, half an hour at most: never a password, never a code.
const DRAFT = "draft";
const DRAFT_MS = 30 * 60 * 1000;
const who = document.body.dataset.who;
const unkept = "[type=password], [type=file], [autocomplete=one-time-code], [name=csrf], [name=key], [name=nonce], [name=payee]";
const typed = (form) => [...form.elements].filter((field) => field.name && field.matches("input, textarea, select") && !field.matches(unkept));
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!who || !form.matches("[data-draft]")) return;
  const fields = typed(form).map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value.slice(0, 500)]);
  // A button without an address of its own answers with the page's when it is asked for its formAction.
  const action = new URL(event.submitter?.getAttribute("formaction") || form.action, location).pathname;
  try { sessionStorage.setItem(DRAFT, JSON.stringify({ who, action, fields, at: Date.now() })); } catch {}
});
function bringBack(draft) {
  const forms = [...document.querySelectorAll("form[data-draft]")];
  const form = forms.find(({ action }) => `${new URL(action).pathname}/`.startsWith(`${draft.action}/`));
  if (!form) return;
  for (const [name, value] of draft.fields) {
    const field = typed(form).find((one) => one.name === name && one.type !== "hidden");
    if (!field || !value) continue;
    if (field.type === "checkbox") field.checked = value;
    else field.value ||= value;
    const folded = field.closest("details");
    if (folded) folded.open = true;
  }
  form.prepend(document.getElementById("draft-back").content.cloneNode(true));
}
try {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT));
  const here = document.querySelector("[data-unsent]");
  if (draft && Date.now() - draft.at < DRAFT_MS && (here || !who)) {
    sessionStorage.setItem(DRAFT, JSON.stringify({ ...draft, unsent: draft.unsent || !!here }));
    here?.querySelector("[data-back]")?.removeAttribute("hidden");
  } else if (draft) {
    sessionStorage.removeItem(DRAFT);
    if (draft.unsent && who === draft.who && Date.now() - draft.at < DRAFT_MS) bringBack(draft);
  }
} catch {}

// Fields that belong to one choice.
const choose = () => {
  for (const part of document.querySelectorAll("[data-when]")) {
    const [name, value] = part.dataset.when.split("=");
    const chosen = document.querySelector(`input[name="${name}"]:checked`);
    part.hidden = !!chosen && chosen.value !== value;
  }
};
document.addEventListener("change", choose);
choose();

// A refused form begins where the first thing is wrong.
[...document.querySelectorAll("[aria-invalid=true]")].find((field) => field.checkVisibility())?.focus();

// Buttons that only a script can serve appear with it.
for (const button of document.querySelectorAll("[data-copy], [data-print], [data-reload]")) {
  if (button.dataset.copy && !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (button.matches("[data-reload]")) return location.reload();
    if (!button.dataset.copy) return window.print();
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).innerText);
    button.lastElementChild.textContent = button.dataset.copied;
  });
}

// The times to choose from are those of the reader's own clock.
const zoned = document.querySelector("[data-zone]");
const clock = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zoned && clock && zoned.dataset.zone !== clock) {
  fetch(`${location.pathname}?zone=${encodeURIComponent(clock)}`, { credentials: "same-origin" })
    .then((answer) => answer.text())
    .then((text) => {
      const next = new DOMParser().parseFromString(text, "text/html").querySelector("[data-zone]");
      const chosen = zoned.querySelector("select").value;
      if (!next || next.dataset.zone === zoned.dataset.zone) return;
      zoned.replaceWith(document.importNode(next, true));
      const select = document.querySelector("[data-zone] select");
      if ([...select.options].some((option) => option.value === chosen)) select.value = chosen;
    })
    .catch(() => {});
}

// On a telephone the desk's menu scrolls: the page that is open stays in sight.
document.querySelector(".deskbar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// The page shows its own truth again: it is fetched, and its live parts are exchanged.
let refreshing = false;
let again = false;
async function refresh() {
  if (refreshing) { again = true; return; }
  refreshing = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) { if (answer.redirected) location.replace(location.href); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    let said = null;
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!next) continue;
      keepOpen(part, next);
      if (part.isEqualNode(next)) continue;
      // What someone is typing is never taken away, nor what is wrong with it.
      const busy = part.querySelector("input:focus, textarea:focus, select:focus, .error");
      if (busy && next.querySelector("[data-keep]")) continue;
      const shown = document.importNode(next, true);
      keepTyped(part, shown);
      const before = part.innerText.trim();
      const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
      part.replaceWith(shown);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      if (shown.innerText.trim() !== before && ["hero", "status", "sign"].includes(part.dataset.live)) said = shown;
    }
    say(said);
    document.title = fresh.title;
  } catch { unknown(); } finally {
    refreshing = false;
    if (again) { again = false; refresh(); }
  }
}

// A part that is exchanged stays as open and as filled in as its reader left it.
function keepOpen(part, next) {
  const open = new Set([...part.querySelectorAll("details[open] > summary")].map((line) => line.textContent));
  for (const line of next.querySelectorAll("details > summary")) line.parentElement.toggleAttribute("open", line.parentElement.open || open.has(line.textContent));
}
function keepTyped(part, shown) {
  for (const field of part.querySelectorAll("input[id], textarea[id], select[id]")) {
    const next = shown.querySelector(`#${CSS.escape(field.id)}`);
    if (!next) continue;
    if (field.type === "file") { next.replaceWith(field); continue; }
    if (field.matches("select") || field.value !== field.defaultValue) next.value = field.value;
  }
}

// What changed is said to whoever listens to the page instead of looking at it.
function say(part) {
  const place = document.querySelector("[data-said]");
  if (place && part?.innerText.trim()) place.textContent = part.innerText;
}

// Silence is never "we are not calling you": it is unknown.
function unknown() {
  const shown = strip();
  const template = document.getElementById("status-unknown");
  if (!shown || !template || shown.dataset.unknown) return;
  shown.dataset.unknown = "yes";
  shown.className = "status unknown";
  shown.replaceChildren(template.content.cloneNode(true));
  say(shown);
}

const address = document.body.dataset.events;
if (address) {
  let lease;
  let known = null;
  const renew = () => {
    clearTimeout(lease);
    lease = setTimeout(unknown, 12000);
  };
  const events = new EventSource(address);
  events.addEventListener("state", (event) => {
    renew();
    // The first is looked at too: something may have happened between the page and its stream.
    const changed = known !== event.data;
    known = event.data;
    if (changed || strip()?.dataset.unknown) refresh();
  });
  events.onerror = () => { lease ??= setTimeout(unknown, 12000); };
  renew();
  window.addEventListener("offline", unknown);
  window.addEventListener("online", refresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
}

if ("serviceWorker" in navigator && window.isSecureContext) navigator.serviceWorker.register("/sw.js").catch(() => {});
