/**
 * Where a key leads to in a menu with these names: arrows go around, Home and End
 * to the ends, a letter to the next name that begins with it. Undefined where it leads nowhere.
 */
export function nextItem(key: string, at: number, names: readonly string[]): number | undefined {
  const last = names.length - 1;
  switch (key) {
    case "ArrowDown":
      return at === last ? 0 : at + 1;
    case "ArrowUp":
      return at <= 0 ? last : at - 1;
    case "Home":
      return 0;
    case "End":
      return last;
  }
  return nextBeginningWith(key.toLowerCase(), at, names);
}

function nextBeginningWith(letter: string, at: number, names: readonly string[]): number | undefined {
  if ([...letter].length !== 1 || letter === " ") return undefined;
  const order = names.map((_, n) => (at + 1 + n) % names.length);
  return order.find((n) => names[n]?.toLowerCase().startsWith(letter));
}
