/** The document of the page the program runs in; none outside of browsers. */
export function ownDocument(): Document | undefined {
  return typeof document === "undefined" ? undefined : document;
}

/** Calls the listener whenever the page comes into sight, until the returned function is called. */
export function onShown(page: Document, listener: () => void): () => void {
  const changed = (): void => {
    if (page.visibilityState === "visible") listener();
  };
  page.addEventListener("visibilitychange", changed);
  return () => page.removeEventListener("visibilitychange", changed);
}
