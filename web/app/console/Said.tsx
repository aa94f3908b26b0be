import { useCallback, useEffect, useState, type ReactNode } from "react";

/** How long a sentence is to be seen, in milliseconds. */
const SHOWN = 8_000;

interface Sentence {
  readonly text: string;
}

/** What was done last. */
export function useSaid(): { said: Sentence; say(sentence: string): void } {
  const [said, setSaid] = useState<Sentence>({ text: "" });
  const say = useCallback((text: string) => setSaid({ text }), []);
  return { said, say };
}

/** Shows it for a while, over the page, and speaks it. */
export function Said({ said }: { said: Sentence }): ReactNode {
  const [old, setOld] = useState<Sentence>();
  useEffect(() => {
    const timer = setTimeout(() => setOld(said), SHOWN);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <div className="said" role="log" aria-label="What was done">
      {said.text && <p className={old === said ? "old" : undefined}>{said.text}</p>}
    </div>
  );
}
