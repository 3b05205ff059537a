// Pictures and files cannot be sent. Whoever drops or pastes one is told so; left to itself the browser would open it in
// the place of the chat.
{
  const line = document.querySelector("#no-files");
  const hasFiles = (transfer) => transfer?.types.includes("Files");
  let hiding = 0;
  const say = () => {
    line.hidden = false;
    clearTimeout(hiding);
    hiding = setTimeout(() => (line.hidden = true), 6_000);
  };
  // A field takes a text by itself; anything else that is dropped would be gone to.
  const isTaken = (event) => !hasFiles(event.dataTransfer) && event.target.closest?.("input, textarea");
  addEventListener("dragover", (event) => {
    if (!isTaken(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (isTaken(event)) return;
    event.preventDefault();
    if (hasFiles(event.dataTransfer)) say();
  });
  // Of what a word processor copies there is a picture beside the text.
  addEventListener("paste", (event) => {
    if (hasFiles(event.clipboardData) && !event.clipboardData.types.includes("text/plain")) say();
  });
}
