import { useEffect, useRef, type ReactNode } from "react";

/** The name of a section, which has the focus when one comes to it from another. */
export function Heading({ children, lead }: { children: string; lead?: ReactNode }): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (cameByLink()) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="heading">
      <h1 ref={heading} tabIndex={-1}>
        {children}
      </h1>
      {lead && <p className="faint">{lead}</p>}
    </div>
  );
}

/** At the first look at the page the focus stays where the browser has it. */
function cameByLink(): boolean {
  return document.activeElement !== null && document.activeElement !== document.body;
}
