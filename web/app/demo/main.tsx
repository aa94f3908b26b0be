import "./css/base.css";
import "./css/sign-in.css";
import "./css/home.css";
import "./css/people.css";
import "./css/menu.css";
import "./css/status.css";

import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";
import { fetchDemoUsers, identityAtStart } from "./identity.ts";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no #root");
try {
  const demoUsers = await fetchDemoUsers();
  createRoot(root).render(<App demoUsers={demoUsers} first={identityAtStart(demoUsers)} />);
} catch (problem) {
  show(root, problem);
}

function show(root: HTMLElement, problem: unknown): void {
  const text = document.createElement("p");
  text.className = "plain";
  text.role = "alert";
  text.textContent = `The page could not start: ${problem instanceof Error ? problem.message : String(problem)}`;
  root.replaceChildren(text);
}
