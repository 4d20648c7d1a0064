// The registration form by keyboard. Enter in a one-line field asks (look the number or the merchant up) and never
// sends the form by accident: registering is Ctrl+Enter or the button. Arrow keys walk from the merchant's field into
// the list under it and back. data-pick-field names the element that holds the list.

const ONE_LINE = 'input:not([type="checkbox"]):not([type="radio"]):not([type="submit"]):not([type="button"])';

function options(field) {
  return [...document.querySelectorAll(`#${field.dataset.pickField} button`)];
}

function fieldOf(list) {
  return document.querySelector(`[data-pick-field="${list.parentElement.id}"]`);
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.target.closest('[data-pick-list]');
  const field = list ? fieldOf(list) : event.target.closest('[data-pick-field]');
  if (!step || !field) return;
  const all = [field, ...options(field)];
  const next = all[all.indexOf(list ? event.target.closest('button') : field) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

export function watchCallForm() {
  document.addEventListener('keydown', (event) => {
    if (event.isComposing || !event.target.matches?.('form.hot *')) return;
    if (event.key === 'Enter' && !event.ctrlKey && event.target.matches(ONE_LINE)) {
      event.preventDefault();
      event.target.dispatchEvent(new Event('input', { bubbles: true }));
    } else walk(event);
  });
}
