// Adds a copy button to each block of commands. Without JavaScript, or where
// the browser has no clipboard (plain http on another host), none appears.
const confirmation = 1500; // milliseconds

function addButton(block) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), confirmation);
  });
  block.append(button);
}

if (navigator.clipboard) document.querySelectorAll(".commands").forEach(addButton);
