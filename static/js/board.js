// The intake board: how many matters are ticked, and which row is open beside the list. The page works without it.

function count(board) {
  const words = board.querySelector('[data-chosen]');
  if (!words) return;
  const chosen = board.querySelectorAll('input[name="n"]:checked').length;
  words.textContent = chosen ? words.dataset.some.replace('{n}', chosen) : words.dataset.none;
}

export function watchBoard() {
  const board = document.querySelector('[data-board]');
  if (!board) return;
  board.addEventListener('change', () => count(board));
  board.addEventListener('reset', () => setTimeout(() => count(board))); // the boxes are empty after the event
  board.addEventListener('click', (event) => {
    const row = event.target.closest('[data-open]')?.closest('[data-row]');
    if (!row) return;
    board.querySelectorAll('[data-row][aria-selected]').forEach((other) => other.removeAttribute('aria-selected'));
    row.setAttribute('aria-selected', 'true');
  });
  count(board);
}
