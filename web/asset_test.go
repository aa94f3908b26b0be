package web

import (
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"testing"
)

// hashedFile is the path of a built file of that kind, which is named by its content.
func hashedFile(t *testing.T, extension string) string {
	t.Helper()
	found, err := fs.Glob(built, "dist/playground/assets/*."+extension+".gz")
	if err != nil || len(found) == 0 {
		t.Fatalf("no %s is built: %v", extension, err)
	}
	return strings.TrimSuffix(strings.TrimPrefix(found[0], "dist"), ".gz")
}

func TestEncoding(t *testing.T) {
	server := serve(t, Options{})
	path := hashedFile(t, "css")
	zipped := request(t, server, http.MethodGet, path, gzipped)
	plain := request(t, server, http.MethodGet, path, nil)

	if got := zipped.Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("to who accepts gzip it is encoded %q", got)
	}
	if got := plain.Header.Get("Content-Encoding"); got != "" {
		t.Errorf("to who accepts nothing it is encoded %q", got)
	}
	for _, response := range []*http.Response{zipped, plain} {
		if got := response.Header.Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("Vary is %q", got)
		}
	}
	text := body(t, plain)
	if body(t, zipped) != text {
		t.Error("the two encodings have different contents")
	}
	if plain.ContentLength != int64(len(text)) {
		t.Errorf("Content-Length is %d, the content has %d", plain.ContentLength, len(text))
	}
}

func TestAcceptsGzip(t *testing.T) {
	for header, want := range map[string]bool{
		"":                        false,
		"gzip":                    true,
		"GZIP":                    true,
		"br, gzip;q=0.5":          true,
		"deflate, br":             false,
		"gzip;q=0":                false,
		"gzip; q=0.0, br":         false,
		"*":                       true,
		"*;q=0":                   false,
		"*, gzip;q=0":             false,
		"gzip, *;q=0":             true,
		"identity;q=1, *;q=0":     false,
		"x-gzip":                  false,
		"gzip;q=nonsense, br;q=1": true,
	} {
		if got := acceptsGzip(header); got != want {
			t.Errorf("acceptsGzip(%q) is %v", header, got)
		}
	}
}

func TestCaching(t *testing.T) {
	server := serve(t, Options{})
	for path, want := range map[string]string{
		hashedFile(t, "js"): "public, max-age=31536000, immutable",
		"/playground":       "no-cache",
		"/":                 "no-cache",
		"/style.css":        "no-cache",
		"/schema.graphqls":  "no-cache",
	} {
		if got := request(t, server, http.MethodGet, path, nil).Header.Get("Cache-Control"); got != want {
			t.Errorf("Cache-Control of %s is %q, want %q", path, got, want)
		}
	}
}

func TestWhatABrowserHasIsNotSentAgain(t *testing.T) {
	server := serve(t, Options{})
	for _, path := range []string{"/playground", "/style.css", hashedFile(t, "js")} {
		etag := request(t, server, http.MethodGet, path, nil).Header.Get("ETag")
		for _, named := range []string{etag, strings.TrimPrefix(etag, "W/"), `"other", ` + etag, "*"} {
			response := request(t, server, http.MethodGet, path, http.Header{"If-None-Match": {named}})
			if response.StatusCode != http.StatusNotModified || body(t, response) != "" {
				t.Errorf("%s with If-None-Match %s: %s", path, named, response.Status)
			}
		}
		if got := request(t, server, http.MethodGet, path, http.Header{"If-None-Match": {`"other"`}}); got.StatusCode != http.StatusOK {
			t.Errorf("%s with another tag: %s", path, got.Status)
		}
	}
}

func TestHeadHasTheHeaderAlone(t *testing.T) {
	server := serve(t, Options{})
	for _, path := range []string{"/", "/playground", "/schema.graphqls", hashedFile(t, "js")} {
		head := request(t, server, http.MethodHead, path, nil)
		get := request(t, server, http.MethodGet, path, nil)
		if head.StatusCode != http.StatusOK || body(t, head) != "" {
			t.Errorf("HEAD %s: %s", path, head.Status)
		}
		length := strconv.Itoa(len(body(t, get)))
		if got := head.Header.Get("Content-Length"); got != "" && got != length {
			t.Errorf("HEAD %s says %s bytes, GET has %s", path, got, length)
		}
	}
}

func TestEveryBuiltFileHasAKnownType(t *testing.T) {
	err := fs.WalkDir(built, "dist", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if _, known := types[path.Ext(strings.TrimSuffix(file, ".gz"))]; !known || path.Ext(file) != ".gz" {
			t.Errorf("%s: add its type, or have it gzipped", file)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
