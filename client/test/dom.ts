import { Window } from "happy-dom";

// React DOM wants a page; all else here stays Node's. To be imported before React DOM.
const window = new Window({ url: "http://127.0.0.1/" });
Object.assign(globalThis, { window, document: window.document, navigator: window.navigator });
