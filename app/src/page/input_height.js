// Lets the input grow with what is written, where the style sheet's `field-sizing` does not (WebKit). The page's script sets
// the input's value, too, which no event tells of.
if (!CSS.supports("field-sizing", "content")) {
  const input = document.querySelector(".composer-input");
  const value = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value");
  const fit = () => {
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight}px`;
  };
  Object.defineProperty(input, "value", {
    get: () => value.get.call(input),
    set: (text) => {
      value.set.call(input, text);
      fit();
    },
  });
  input.addEventListener("input", fit);
  addEventListener("resize", fit);
  fit();
}
