{
  const lang = document.documentElement.lang;
  let before;
  for (const row of document.querySelectorAll(".message")) {
    const at = new Date(+row.dataset.at);
    const time = row.querySelector("time");
    time.textContent = at.toTimeString().slice(0, 5);
    time.title = at.toLocaleString(lang);
    const day = at.toDateString();
    if (day === before) delete row.dataset.day;
    else row.dataset.day = at.toLocaleDateString(lang, { dateStyle: "full" });
    before = day;
  }
  // The message that was asked for: a third of the way down, where the script of the page puts it, too.
  const here = document.querySelector(".message[data-here]");
  if (here) {
    const timeline = document.querySelector("#timeline");
    const top = (element) => element.getBoundingClientRect().top;
    timeline.scrollBy(0, top(here) - top(timeline) - timeline.clientHeight / 3);
  }
}
