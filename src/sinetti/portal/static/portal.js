// Starts GOV.UK Frontend's components. Pages work without it; with it they are more comfortable.
const script = document.querySelector("script[data-frontend]");
document.body.classList.add("js-enabled");
const frontend = await import(script.dataset.frontend);
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
// A banner takes the focus, so that screen readers begin there; but not from somebody who types or scans already.
if (document.activeElement !== document.body) {
  for (const banner of document.querySelectorAll("[data-module=govuk-notification-banner]")) {
    banner.dataset.disableAutoFocus = "true";
  }
}
frontend.initAll();

// A page that the browser kept in memory may belong to a session that has ended, or show a secret once too often.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// A secret that is shown once: copied and saved from the page itself, which asks before it is left.
const textOf = (id) => document.getElementById(id).textContent;
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(textOf(button.dataset.copy));
    button.textContent = button.dataset.copied;
  });
}
for (const button of document.querySelectorAll("[data-download]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const lines = button.dataset.downloadOf.split(" ").map((id) => `${id}: ${textOf(id)}`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/plain" }));
    link.download = button.dataset.download;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
const once = document.querySelector("[data-shown-once]");
if (once) {
  const saved = once.querySelector("input");
  for (const form of document.querySelectorAll("[data-keeps-secret]")) {
    form.addEventListener("submit", () => { saved.checked = true; });
  }
  window.addEventListener("beforeunload", (event) => { if (!saved.checked) event.preventDefault(); });
}
