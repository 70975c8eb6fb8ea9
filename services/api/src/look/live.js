// Replaces the part #live of the overview with what the server sends. Without it the page shows the time at which it was opened.
const state = document.getElementById('live-state');
const part = document.getElementById('live');
const stream = new EventSource(state.dataset.live);

stream.addEventListener('overview', ({ data }) => {
  state.hidden = false;
  if (part.contains(document.activeElement) && document.activeElement !== document.body) return; // a person reads with the keyboard there
  const template = document.createElement('template');
  template.innerHTML = JSON.parse(data);
  part.replaceChildren(template.content);
});
stream.addEventListener('error', () => {
  state.hidden = true;
});
