import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { nextItem } from "./menuKeys.ts";

/** Something to do; with `checked` it is one of a choice. */
export interface MenuItem {
  readonly name: string;
  /** A sentence on what it does. */
  readonly hint?: string;
  readonly icon?: ReactNode;
  readonly checked?: boolean;
  onChoose(): void;
}

interface MenuProps {
  /** What the menu is called. */
  readonly label: string;
  /** Of the button that opens it. */
  readonly className: string;
  /** What the button is called. */
  readonly buttonLabel: string;
  readonly disabled?: boolean;
  readonly items: readonly MenuItem[];
  readonly children: ReactNode;
}

/** A button and the menu that it opens. However the menu is left by keyboard, the focus is on the button again. */
export function Menu({ label, className, buttonLabel, disabled = false, items, children }: MenuProps): ReactNode {
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const leave = (): void => {
    button.current?.focus();
    setOpen(false);
  };
  const toggle = (): void => setOpen(!disabled && !open);
  const openByArrow = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown" || open) return;
    event.preventDefault();
    toggle();
  };
  useLeaving(open, whole, leave, () => setOpen(false));
  return (
    <div className="menu" ref={whole}>
      <button
        ref={button}
        className={className}
        type="button"
        aria-label={buttonLabel}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-disabled={disabled}
        onClick={toggle}
        onKeyDown={openByArrow}
      >
        {children}
      </button>
      {open && <Items label={label} items={items} onLeave={leave} />}
    </div>
  );
}

/** Escape leaves wherever the focus is, since a row that moves may lose it; a press or the focus elsewhere only closes. */
function useLeaving(open: boolean, whole: { readonly current: HTMLElement | null }, leave: () => void, close: () => void): void {
  useEffect(() => {
    if (!open) return;
    const isInside = (event: Event): boolean => event.target instanceof Node && whole.current?.contains(event.target) === true;
    const closeOutside = (event: Event): void => {
      if (!isInside(event)) close();
    };
    const leaveByEscape = (event: globalThis.KeyboardEvent): void => {
      if (event.key === "Escape") leave();
    };
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("focusin", closeOutside);
    document.addEventListener("keydown", leaveByEscape);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("focusin", closeOutside);
      document.removeEventListener("keydown", leaveByEscape);
    };
  });
}

function Items({ label, items, onLeave }: { label: string; items: readonly MenuItem[]; onLeave(): void }): ReactNode {
  const menu = useRef<HTMLDivElement>(null);
  const all = (): HTMLElement[] => [...(menu.current?.querySelectorAll<HTMLElement>("button") ?? [])];
  useEffect(() => (all().find((item) => item.ariaChecked === "true") ?? all()[0])?.focus(), []);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Tab") return onLeave(); // and the browser goes on from the button
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = all().findIndex((item) => item === document.activeElement);
    const next = nextItem(event.key, at, items.map(({ name }) => name));
    if (next === undefined) return;
    event.preventDefault();
    all()[next]?.focus();
  };
  const choose = (item: MenuItem): void => {
    onLeave();
    item.onChoose();
  };
  return (
    <div ref={menu} className="items" role="menu" aria-label={label} onKeyDown={onKey}>
      {items.map((item) => (
        <Item key={item.name} item={item} onChoose={() => choose(item)} />
      ))}
    </div>
  );
}

function Item({ item: { name, hint, icon, checked }, onChoose }: { item: MenuItem; onChoose(): void }): ReactNode {
  const hintID = useId();
  const role = checked === undefined ? "menuitem" : "menuitemradio";
  return (
    <button type="button" tabIndex={-1} role={role} aria-checked={checked} aria-label={name} aria-describedby={hint && hintID} onClick={onChoose}>
      {icon}
      <span>
        {name}
        {hint && (
          <span id={hintID} className="hint">
            {hint}
          </span>
        )}
      </span>
      {checked && <Check />}
    </button>
  );
}

function Check(): ReactNode {
  return (
    <svg className="check" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="2" aria-hidden="true">
      <path d="M3 8.5l3.3 3.3L13 5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
