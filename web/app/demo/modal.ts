import { useEffect, useRef, type RefObject } from "react";

/** A dialog that is open from the beginning. The browser keeps the focus inside, and gives it back at the end. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  return dialog;
}
