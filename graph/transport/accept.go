package transport

import (
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// media is a form in which an answer can be given.
type media string

const (
	mediaNone      media = ""
	mediaJSON      media = "application/json"
	mediaGraphQL   media = "application/graphql-response+json"
	mediaEvents    media = "text/event-stream"
	mediaMultipart media = "multipart/mixed;subscriptionSpec=1.0"

	// mediaAny is whatever there is, which is JSON.
	mediaAny media = "*/*"
)

// accepted is what a client takes of what there is, the best first.
type accepted []media

// acceptedBy reads the Accept header. Without one a client takes JSON.
func acceptedBy(r *http.Request) accepted {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return accepted{mediaJSON}
	}
	weights := map[media]float64{}
	var all accepted
	for _, one := range splitQuoted(header) {
		m, weight := parseMedia(one)
		if m == mediaNone || slices.Contains(all, m) {
			continue
		}
		all, weights[m] = append(all, m), weight
	}
	if i := slices.Index(all, mediaAny); i >= 0 && !slices.Contains(all, mediaJSON) {
		all[i], weights[mediaJSON] = mediaJSON, weights[mediaAny]
	}
	all = slices.DeleteFunc(all, func(m media) bool { return m == mediaAny || !(weights[m] > 0) })
	slices.SortStableFunc(all, func(a, b media) int { return compareDown(weights[a], weights[b]) })
	return all
}

func compareDown(a, b float64) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

// splitQuoted splits at the commas that are not within quotes.
func splitQuoted(s string) []string {
	quoted := false
	return strings.FieldsFunc(s, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ',' && !quoted
	})
}

// parseMedia reads one entry of Accept; mediaNone is one that there isn't.
func parseMedia(entry string) (media, float64) {
	name, params, err := mime.ParseMediaType(entry)
	if err != nil {
		return mediaNone, 0
	}
	weight := 1.0
	if q, ok := params["q"]; ok {
		weight, _ = strconv.ParseFloat(q, 64)
	}
	switch name {
	case "*/*", "application/*":
		return mediaAny, weight
	case string(mediaJSON), string(mediaGraphQL), string(mediaEvents):
		return media(name), weight
	case "multipart/mixed":
		if params["subscriptionspec"] == "1.0" {
			return mediaMultipart, weight
		}
	}
	return mediaNone, 0
}

// best is what a single answer is given in.
func (a accepted) best() media {
	if len(a) == 0 {
		return mediaNone
	}
	return a[0]
}

// stream is what a subscription is given in, if the client takes any.
func (a accepted) stream() media {
	return a.first(mediaEvents, mediaMultipart)
}

// json is what an answer is given in that says the request itself is wrong.
func (a accepted) json() media {
	if m := a.first(mediaJSON, mediaGraphQL); m != mediaNone {
		return m
	}
	return mediaJSON
}

func (a accepted) first(of ...media) media {
	for _, m := range a {
		if slices.Contains(of, m) {
			return m
		}
	}
	return mediaNone
}
