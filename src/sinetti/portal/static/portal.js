// Starts GOV.UK Frontend's components. Pages work without it; with it they are more comfortable.
const script = document.querySelector("script[data-frontend]");
document.body.classList.add("js-enabled");
const frontend = await import(script.dataset.frontend);
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
frontend.initAll();

// A page that the browser kept in memory may belong to a session that has ended, or show a secret once too often.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
