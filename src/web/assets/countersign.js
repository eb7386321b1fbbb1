// Pages work without this: it only puts the cursor into the search field when "/" is pressed.
document.addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, select, textarea');
  const search = document.querySelector('[data-search]');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey || !search) return;
  event.preventDefault();
  search.focus();
  search.select();
});
