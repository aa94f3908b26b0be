// Package web serves the pages: the start page, the playground, the demo, the
// console, and the schema to generate clients from. All of it is in the program;
// no page asks another host for anything, and its Content-Security-Policy would
// not let it.
package web

import (
	"embed"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// The pages that web/app builds, every file of them gzipped.
//
//go:embed all:dist
var built embed.FS

// What the server renders itself, and what those pages need.
//
//go:embed site
var site embed.FS

// Options is what the pages say about the server they come from.
type Options struct {
	// Development tells that tokens for demo users can be had at /dev/token.
	Development bool
	// DemoUsers is whom the pages offer to be, in development mode.
	DemoUsers []DemoUser
	// Schema is served at /schema.graphqls as it is.
	Schema []byte
	// Metrics tells that they are at /metrics.
	Metrics bool
	// Version is shown to people.
	Version string
}

// Handler serves / and everything below it that is a page; mount it where no
// other path matches. What it does not know is answered with 404 and a page.
func Handler(o Options) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", notFound(o))
	mux.Handle("GET /{$}", start(o))
	mux.Handle("GET /schema.graphqls", newAsset("schema.graphqls", o.Schema))
	for _, name := range []string{"favicon.svg", "style.css", "copy.js"} {
		mux.Handle("GET /"+name, newAsset(name, read(site, "site/"+name)))
	}
	mux.Handle("GET /playground/users.json", demoUsers(o))
	handlePage(mux, "playground", editorPolicy)
	handlePage(mux, "demo", policy)
	handlePage(mux, "console", policy)
	return Secure(withPolicy(policy, mux))
}

// handlePage serves the page that is built into the folder of that name, under
// its own policy at /name and /name/, and its files below.
func handlePage(mux *http.ServeMux, name, policy string) {
	must(fs.WalkDir(built, "dist/"+name, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		asset := gzippedAsset(strings.TrimSuffix(file, ".gz"), read(built, file))
		if path.Base(asset.name) != "index.html" {
			mux.Handle("GET /"+strings.TrimPrefix(asset.name, "dist/"), asset)
			return nil
		}
		mux.Handle("GET /"+name, withPolicy(policy, asset))
		mux.Handle("GET /"+name+"/{$}", withPolicy(policy, asset))
		return nil
	}))
}

func read(from embed.FS, file string) []byte {
	content, err := from.ReadFile(file)
	must(err)
	return content
}

// must is for what is wrong with the program itself, such as a file that was
// not embedded.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
