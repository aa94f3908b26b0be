package web

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"regexp"
)

var templates = template.Must(template.ParseFS(site, "site/*.html"))

// DemoUser is somebody one can be in development mode, at a click.
type DemoUser struct {
	UserID string `json:"userID"`
	Admin  bool   `json:"admin"`
}

// Initial stands for the user's picture.
func (u DemoUser) Initial() string { return u.UserID[:1] }

// demoUsers is whom one can be, as the playground asks for it: outside of
// development mode nobody.
func demoUsers(o Options) asset {
	content, err := json.Marshal(append([]DemoUser{}, o.DemoUsers...))
	must(err)
	return newAsset("users.json", content)
}

// view is what the templates know.
type view struct {
	Options
	// Origin is where the visitor reached us: "http://127.0.0.1:8080".
	Origin string
}

// SocketOrigin is Origin for WebSockets.
func (v view) SocketOrigin() string { return "ws" + v.Origin[len("http"):] }

// DemoPair is the first two users without admin rights, to be seen side by side.
func (v view) DemoPair() []DemoUser {
	var pair []DemoUser
	for _, user := range v.DemoUsers {
		if !user.Admin && len(pair) < 2 {
			pair = append(pair, user)
		}
	}
	return pair
}

// Admin is the first user with admin rights, for the console.
func (v view) Admin() *DemoUser {
	for _, user := range v.DemoUsers {
		if user.Admin {
			return &user
		}
	}
	return nil
}

func start(o Options) http.Handler { return rendered("start.html", http.StatusOK, o) }

func notFound(o Options) http.Handler { return rendered("missing.html", http.StatusNotFound, o) }

func rendered(name string, status int, o Options) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var page bytes.Buffer
		must(templates.ExecuteTemplate(&page, name, view{o, origin(r)}))
		h := w.Header()
		h.Set("Content-Type", types[".html"])
		h.Set("Cache-Control", "no-cache")
		w.WriteHeader(status)
		_, _ = w.Write(page.Bytes())
	})
}

// origin believes X-Forwarded-Proto: it shows in the visitor's own page only. A
// Host goes into commands that people paste into a shell, so one that means
// something to a shell is left out: browsers let "$(id).example" be a name.
func origin(r *http.Request) string {
	host := r.Host
	if !plainHost.MatchString(host) {
		host = "localhost"
	}
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + host
	}
	return "http://" + host
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9._:\[\]-]+$`)
