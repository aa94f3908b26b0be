import "../demo/css/base.css";
import "../demo/css/sign-in.css";
import "../demo/css/home.css";
import "../demo/css/people.css";
import "../demo/css/status.css";
import "./css/page.css";
import "./css/figures.css";
import "./css/users.css";

import { createRoot } from "react-dom/client";
import { fetchDemoUsers } from "../demo/identity.ts";
import { identityAtStart } from "./identity.ts";
import { App } from "./App.tsx";

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
  text.textContent = `The console could not start: ${problem instanceof Error ? problem.message : String(problem)}`;
  root.replaceChildren(text);
}
