import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { gzipSync } from "fflate";
import { build } from "vite";

/** Each page is a folder of that name beside this file, and is served under that path. */
const PAGES = ["playground", "demo", "console"];

const here = dirname(fileURLToPath(import.meta.url));

/** The package for frontends, from its sources, which find their dependencies here and not in their own folder. */
const client = join(here, "../../client/src");
const resolve = {
  alias: [
    { find: /^userstatus$/, replacement: join(client, "index.ts") },
    { find: /^userstatus\/apollo$/, replacement: join(client, "apollo/index.ts") },
  ],
  dedupe: ["react", "react-dom", "@apollo/client", "rxjs", "graphql", "graphql-ws"],
};

/** The folder that is committed and embedded in the program. */
export const DIST = join(here, "../dist");

/** What is said of the packages that are bundled into the pages; committed beside the pages' sources. */
export const LICENCES = join(here, "licences.json");

/** A package that pages are made of, with its licence's identifier and text. */
interface Bundled {
  name: string;
  version: string;
  identifier?: string;
  text?: string;
}

/**
 * Builds every page into out, each file gzipped, and answers what LICENCES should have:
 * the same sources give the same bytes on any machine.
 */
export async function buildPages(out: string): Promise<string> {
  process.env["NODE_ENV"] = "production";
  await rm(out, { recursive: true, force: true });
  const bundled = new Map<string, Bundled>();
  for (const page of PAGES) {
    await withTempDir(async (plain) => {
      await bundle(page, plain);
      for (const one of await takeLicences(plain)) {
        bundled.set(`${one.name}@${one.version}`, one);
      }
      await compress(plain, join(out, page));
    });
  }
  const sorted = [...bundled.keys()].sort().map((key) => bundled.get(key));
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}

const licencesOfPage = "licences.json";

async function takeLicences(dir: string): Promise<Bundled[]> {
  const file = join(dir, licencesOfPage);
  const licences: Bundled[] = JSON.parse(await readFile(file, "utf8"));
  await rm(file);
  return Promise.all(licences.map(async (one) => ({ ...one, text: (one.text ?? "") + (await othersNotices(one.name)) })));
}

/** What a package says of others' work that it has taken in. */
async function othersNotices(name: string): Promise<string> {
  const dir = join(here, "node_modules", name);
  const files = (await readdir(dir)).filter((file) => /^third-?party/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(dir, file), "utf8")));
  return texts.map((text) => `\n${text}`).join("");
}

async function bundle(page: string, outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: join(here, page),
    base: `/${page}/`,
    publicDir: false,
    logLevel: "error",
    plugins: [react()],
    resolve,
    worker: { format: "es" },
    build: { outDir, emptyOutDir: true, chunkSizeWarningLimit: 4000, target: "es2022", license: { fileName: licencesOfPage } },
  });
}

// The gzip of Node depends on its zlib and the processor; this one is plain JavaScript.
async function compress(from: string, to: string): Promise<void> {
  for (const file of await listFiles(from)) {
    const target = join(to, `${file}.gz`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, gzipSync(await readFile(join(from, file)), { level: 9, mtime: 0 }));
  }
}

/** The paths of all files below dir, relative to it and sorted. */
export async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => join(file.parentPath, file.name).slice(dir.length + 1)).sort();
}

/** Runs work with a new folder that is gone afterwards. */
export async function withTempDir<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), "userstatus-"));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
