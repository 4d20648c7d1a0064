// Files that are too large together are held back before they are sent: a page that refuses them could keep neither
// the choice nor what was typed. data-too-much holds the bytes and the sentence. The server refuses the same.

function judge(form) {
  const note = form.querySelector('[data-too-much]');
  if (!note) return true;
  const inputs = [...form.querySelectorAll('input[type="file"]')];
  const sizes = inputs.flatMap((input) => [...input.files]).map((file) => file.size);
  const fits = sizes.reduce((sum, size) => sum + size, 0) <= Number(note.dataset.tooMuch);
  if (!fits && note.hidden) inputs.findLast((input) => input.files.length)?.after(note);
  note.hidden = fits;
  return fits;
}

export function watchUploads() {
  document.addEventListener('change', (event) => {
    if (event.target.matches('input[type="file"]')) judge(event.target.form);
  });
  document.addEventListener('submit', (event) => {
    if (judge(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.querySelector('[data-too-much]').previousElementSibling.focus();
  }, true);
}
