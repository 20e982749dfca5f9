"use strict";
// Prepares the page for textual-serve's script, which finds its terminal in window.onload.
(() => {
  const nonce = document.currentScript.nonce;
  const make = document.createElement.bind(document);
  // The terminal writes its own <style>; the page's policy takes only those that carry the nonce.
  document.createElement = (name, options) => {
    const made = make(name, options);
    if (String(name).toLowerCase() === "style") made.nonce = nonce;
    return made;
  };
  // Without WebGL the terminal writes style attributes, which the policy refuses; the same through CSSOM it does not.
  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else set.call(this, name, value);
  };
  const tell = (text) => { document.getElementById("state").textContent = text; };
  const terminal = document.getElementById("terminal");
  const socket = new URL("ws", document.baseURI);
  socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  terminal.dataset.sessionWebsocketUrl = socket.href;
  const again = document.getElementById("again");
  again.addEventListener("click", () => location.reload());
  new MutationObserver(() => {
    if (document.body.classList.contains("-closed")) again.focus();
    else if (document.body.classList.contains("-first-byte")) terminal.querySelector("textarea")?.focus();
  }).observe(document.body, { attributes: true, attributeFilter: ["class"] });

  const open = () => {
    try {
      window.onload(new Event("load"));
    } catch (error) {
      tell(`This browser cannot draw the terminal: ${error.message}`);
    }
  };
  addEventListener("load", async () => {
    // Cells are measured once, so the letters have to be there first.
    await Promise.allSettled(["", "bold ", "italic "].map((kind) => document.fonts.load(`${kind}16px "Roboto Mono"`)));
    const script = make("script");
    script.src = "static/textual.js";
    script.addEventListener("load", open);
    script.addEventListener("error", () => tell("A part of this page could not be loaded. Load it again."));
    document.head.append(script);
  });
})();
