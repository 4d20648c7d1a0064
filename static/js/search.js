// Suggestions under the search box: arrows walk them, Escape and leaving close them. Without scripts Enter searches.

const links = (box) => [...box.querySelectorAll('.find-s a')];

function close(box) {
  box.querySelector('.find-p')?.replaceChildren();
}

function walk(box, step) {
  const all = links(box);
  if (!all.length) return false;
  const at = all.indexOf(document.activeElement) + step;
  (at < 0 ? box.querySelector('input[type="search"]') : all[Math.min(at, all.length - 1)]).focus();
  return true;
}

function pressed(event) {
  const box = event.currentTarget;
  if (event.isComposing) return;
  if (event.key === 'Escape') {
    box.querySelector('input[type="search"]').focus();
    close(box);
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    if (walk(box, event.key === 'ArrowDown' ? 1 : -1)) event.preventDefault();
  }
}

export function watchSearch() {
  const box = document.querySelector('form.search');
  if (!box) return;
  box.addEventListener('keydown', pressed);
  box.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) close(box);
  });
  document.addEventListener('click', (event) => {
    if (!box.contains(event.target)) close(box);
  });
}
