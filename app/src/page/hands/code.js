// All of a long block of code is shown from where one began to read it: the timeline's origin is its end.
addEventListener("change", ({ target }) => {
  if (!target.matches(".code-whole")) return;
  const top = () => target.parentElement.getBoundingClientRect().top;
  const toggle = () => (target.checked = !target.checked);
  toggle();
  const before = top();
  toggle();
  document.querySelector("#timeline").scrollBy(0, top() - before);
});
