// Live updates and small comforts. Every page works without this file.
const strip = () => document.querySelector("[data-status]");

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
    if (!answer.ok || answer.redirected) { if (answer.redirected) location.reload(); return; }
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!next || part.isEqualNode(next)) continue;
      // What someone is typing is never taken away.
      const typing = part.querySelector("input:focus, textarea:focus");
      if (typing && next.querySelector("[data-keep]")) continue;
      part.replaceWith(document.importNode(next, true));
    }
    document.title = fresh.title;
  } catch { unknown(); } finally {
    refreshing = false;
    if (again) { again = false; refresh(); }
  }
}

// Silence is never "we are not calling you": it is unknown.
function unknown() {
  const shown = strip();
  const template = document.getElementById("status-unknown");
  if (!shown || !template || shown.dataset.unknown) return;
  shown.dataset.unknown = "yes";
  shown.className = "status unknown";
  shown.replaceChildren(template.content.cloneNode(true));
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
