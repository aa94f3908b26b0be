package web

import (
	"bytes"
	"html/template"
	"net/http"
)

var templates = template.Must(template.ParseFS(site, "site/*.html"))

// demoUser is a card on the start page.
type demoUser struct {
	Name  string
	Admin bool
}

var demoUsers = []demoUser{{Name: "alice"}, {Name: "bob"}, {Name: "carol"}, {Name: "dave"}, {Name: "admin", Admin: true}}

// Initial stands for the user's picture.
func (u demoUser) Initial() string { return u.Name[:1] }

// view is what the templates know.
type view struct {
	Options
	// Origin is where the visitor reached us: "http://127.0.0.1:8080".
	Origin string
	Users  []demoUser
}

// SocketOrigin is Origin for WebSockets.
func (v view) SocketOrigin() string { return "ws" + v.Origin[len("http"):] }

func start(o Options) http.Handler { return rendered("start.html", http.StatusOK, o) }

func notFound(o Options) http.Handler { return rendered("missing.html", http.StatusNotFound, o) }

func rendered(name string, status int, o Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var page bytes.Buffer
		must(templates.ExecuteTemplate(&page, name, view{o, origin(r), demoUsers}))
		h := w.Header()
		h.Set("Content-Type", types[".html"])
		h.Set("Cache-Control", "no-cache")
		w.WriteHeader(status)
		w.Write(page.Bytes())
	})
}

// origin believes X-Forwarded-Proto: it shows in the visitor's own page only.
func origin(r *http.Request) string {
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
