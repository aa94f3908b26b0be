package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// asset is a file that is held gzipped, and served so to whoever takes it.
type asset struct {
	name    string
	gzipped []byte
	etag    string
}

// types are those of the files we have; the machine's own list may differ.
var types = map[string]string{
	".css":      "text/css; charset=utf-8",
	".graphqls": "text/plain; charset=utf-8",
	".json":     "application/json",
	".html":     "text/html; charset=utf-8",
	".js":       "text/javascript; charset=utf-8",
	".svg":      "image/svg+xml",
	".ttf":      "font/ttf",
	".woff2":    "font/woff2",
}

func newAsset(name string, content []byte) asset {
	var zipped bytes.Buffer
	writer := gzip.NewWriter(&zipped)
	_, err := writer.Write(content)
	must(err)
	must(writer.Close())
	return gzippedAsset(name, zipped.Bytes())
}

func gzippedAsset(name string, gzipped []byte) asset {
	sum := sha256.Sum256(gzipped)
	// Weak, since it stands for the content in either encoding.
	return asset{name, gzipped, `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}

func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", a.cacheControl())
	h.Set("ETag", a.etag)
	h.Set("Vary", "Accept-Encoding")
	if namesTag(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.contentType())
	body := a.gzipped
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
	} else {
		body = a.plain()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // to HEAD, net/http sends the header alone
}

// cacheControl lets a browser keep what is named by its content for good, and
// has it ask each time for the rest.
func (a asset) cacheControl() string {
	if strings.Contains(a.name, "/assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

func (a asset) contentType() string {
	if known, ok := types[path.Ext(a.name)]; ok {
		return known
	}
	return mime.TypeByExtension(path.Ext(a.name))
}

func (a asset) plain() []byte {
	reader, err := gzip.NewReader(bytes.NewReader(a.gzipped))
	must(err)
	content, err := io.ReadAll(reader)
	must(err)
	return content
}

// namesTag tells whether an If-None-Match names the tag, in the weak comparison.
func namesTag(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// acceptsGzip tells whether an Accept-Encoding lets the answer be gzipped. What
// is said of gzip itself goes before what is said of "*".
func acceptsGzip(header string) bool {
	accepted := false
	for element := range strings.SplitSeq(header, ",") {
		coding, weight, _ := strings.Cut(element, ";")
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			return !refuses(weight)
		case "*":
			accepted = !refuses(weight)
		}
	}
	return accepted
}

// refuses tells whether a weight, such as "q=0.5", is zero.
func refuses(weight string) bool {
	value, found := strings.CutPrefix(strings.ToLower(strings.TrimSpace(weight)), "q=")
	q, err := strconv.ParseFloat(value, 64)
	return found && err == nil && q == 0
}
