// Times as this browser's clocks and this person's habits have them: those of the page's language, and in it of their
// country (of English, some count to 12 and some to 24). The WASM asks here, too.
{
  const lang = document.documentElement.lang;
  const tag = navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
  // Made once: with each time anew, fifty rows take a slow phone a tenth of a second.
  const short = new Intl.DateTimeFormat(tag, { timeStyle: "short" });
  const full = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "medium" });
  const date = new Intl.DateTimeFormat(tag, { dateStyle: "full" });
  const midnight = (at) => new Date(at).setHours(0, 0, 0, 0);
  const ago = (at) => Math.round((midnight(Date.now()) - midnight(at)) / 86_400_000);
  const called = (days) => {
    const name = new Intl.RelativeTimeFormat(tag, { numeric: "auto" }).format(-days, "day");
    return name[0].toLocaleUpperCase(tag) + name.slice(1);
  };
  window.clock = {
    short: (at) => short.format(at),
    full: (at) => full.format(at),
    day: (at) => (ago(at) === 0 || ago(at) === 1 ? called(ago(at)) : date.format(at)),
    near: (at) => (ago(at) === 0 ? short.format(at) : ago(at) === 1 ? called(1) : new Date(at).toLocaleDateString(tag, { month: "long", day: "numeric" })),
  };

  let before;
  const rows = [...document.querySelectorAll(".message")];
  for (const row of rows) {
    const at = +row.dataset.at;
    const time = row.querySelector("time");
    time.textContent = clock.short(at);
    time.title = clock.full(at);
    const day = midnight(at);
    if (day === before) delete row.dataset.day;
    else row.dataset.day = clock.day(at);
    before = day;
  }

  // Today is yesterday at midnight, and a page may be there for days.
  const rename = () => {
    for (const row of document.querySelectorAll(".message[data-day]")) {
      const day = clock.day(+row.dataset.at);
      if (row.dataset.day !== day) row.dataset.day = day;
    }
  };
  const wait = () =>
    setTimeout(() => {
      rename();
      wait();
    }, new Date().setHours(24, 0, 1, 0) - Date.now());
  wait();
  addEventListener("visibilitychange", rename);

  // The message that was asked for: a third of the way down, where the script of the page puts it, too.
  const here = document.querySelector(".message[data-here]");
  const timeline = document.querySelector("#timeline");
  if (here) {
    const top = (element) => element.getBoundingClientRect().top;
    timeline.scrollBy(0, top(here) - top(timeline) - timeline.clientHeight / 3);
  } else if (timeline) {
    // A slow phone takes a quarter of a second for style, layout and paint of all this. So they are tasks of their own, before
    // anything is painted: for what stands around the messages, then for the last messages; the others follow, a few with
    // each frame. Nothing moves by that: the timeline's origin is its end.
    const hide = (element) => (element.style.cssText = "content-visibility: hidden; contain-intrinsic-block-size: 3.5rem");
    const show = (element) => element.removeAttribute("style");
    const few = () => rows.splice(-8).forEach(show);
    const next = () => requestAnimationFrame(() => setTimeout(() => (few(), rows.length && next())));
    const style = () => getComputedStyle(timeline).color;
    const layout = () => timeline.clientHeight;
    [timeline, ...rows].forEach(hide);
    const last = () => (show(timeline), few(), style());
    for (const step of [style, layout, last, layout, () => (few(), layout()), next]) setTimeout(step);
  }
}
