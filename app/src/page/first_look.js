{
  const lang = document.documentElement.lang;
  // Made once, of what `toLocaleString` writes by itself: with each time anew, fifty rows take a slow phone a tenth of a second.
  const numeric = "numeric";
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric };
  const full = new Intl.DateTimeFormat(lang, fields);
  const fullDay = new Intl.DateTimeFormat(lang, { dateStyle: "full" });
  let before;
  for (const row of document.querySelectorAll(".message")) {
    const at = new Date(+row.dataset.at);
    const time = row.querySelector("time");
    time.textContent = at.toTimeString().slice(0, 5);
    time.title = full.format(at);
    const day = at.toDateString();
    if (day === before) delete row.dataset.day;
    else row.dataset.day = fullDay.format(at);
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
