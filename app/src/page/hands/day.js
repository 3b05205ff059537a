// The day of what is read stands above it while its own line is out of sight.
{
  const show = () => {
    const timeline = document.querySelector("#timeline");
    const pill = document.querySelector(".timeline-day");
    if (!timeline || !pill) return;
    const rows = timeline.querySelectorAll(".message");
    const top = timeline.getBoundingClientRect().top + 1;
    // The first row that reaches below the edge: they are in order.
    let [low, high] = [0, rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    const row = rows[low];
    const isAtEnd = timeline.scrollTop > -2;
    const day = row && !isAtEnd && row.getBoundingClientRect().top < top ? clock.day(+row.dataset.at) : "";
    if (!day) delete pill.dataset.day;
    else if (pill.dataset.day !== day) pill.dataset.day = day;
  };
  // It does not bubble.
  addEventListener("scroll", (event) => event.target.id === "timeline" && show(), { capture: true, passive: true });
}
