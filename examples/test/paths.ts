import { fileURLToPath } from "node:url";

export const EXAMPLES = fileURLToPath(new URL("..", import.meta.url));
export const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
