// A form with data-once is sent once. The server holds the same line with the idempotency key in the form; this only
// spares people the second click. Buttons are marked, not disabled, so that the pressed one still sends its name.

const GIVE_UP_MS = 20000;

function mark(form, busy) {
  form.toggleAttribute('data-busy', busy);
  if (busy) form.setAttribute('aria-busy', 'true');
  else form.removeAttribute('aria-busy');
}

export function watchSubmits() {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!form.matches('form[data-once]')) return;
    if (form.hasAttribute('data-busy')) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    mark(form, true);
    setTimeout(() => mark(form, false), GIVE_UP_MS); // no answer came: let the person try again, with the same key
  }, true);
  document.addEventListener('htmx:afterRequest', (event) => {
    const form = event.target.closest?.('form[data-once]');
    if (form) mark(form, false);
  });
  addEventListener('pageshow', (event) => {
    if (event.persisted) document.querySelectorAll('form[data-busy]').forEach((form) => mark(form, false));
  });
}
