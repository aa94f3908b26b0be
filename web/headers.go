package web

import "net/http"

const (
	policy = "default-src 'self'; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; " +
		"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	// editorPolicy lets a page's editor place its text by style attributes and
	// bring icons in its style sheet, which Monaco can't do without.
	editorPolicy = policy + "; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:"
	// bare is for what is no page: even taken for one, it loads and runs nothing.
	bare = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// Secure keeps every answer of next to itself: in no frame, no guessed type, read
// by no page of another site unless CORS lets it, no address told to others. What
// is no page of this package loads and runs nothing in a browser.
func Secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY") // for browsers that don't know frame-ancestors
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		withPolicy(bare, next).ServeHTTP(w, r)
	})
}

func withPolicy(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}
