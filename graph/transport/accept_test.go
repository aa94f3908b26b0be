package transport

import (
	"net/http/httptest"
	"slices"
	"testing"
)

func accepting(header string) accepted {
	r := httptest.NewRequest("GET", "/graphql", nil)
	r.Header.Set("Accept", header)
	return acceptedBy(r)
}

func TestAccept(t *testing.T) {
	for header, want := range map[string]accepted{
		"":                               {mediaJSON},
		"*/*":                            {mediaJSON},
		"application/*;q=0.1":            {mediaJSON},
		"text/html":                      nil,
		"application/json;q=0":           nil,
		"application/json;q=no":          nil,
		"application/json;q=NaN":         nil,
		"*/*, application/json;q=0":      nil,
		"APPLICATION/JSON":               {mediaJSON},
		"text/event-stream":              {mediaEvents},
		"multipart/mixed":                nil,
		"multipart/mixed;deferSpec=2022": nil,
		`multipart/mixed;boundary="a,b";subscriptionSpec="1.0", application/json`:                                                   {mediaMultipart, mediaJSON},
		"application/graphql-response+json,application/json;q=0.9":                                                                  {mediaGraphQL, mediaJSON},
		"application/json;q=0.9,application/graphql-response+json":                                                                  {mediaGraphQL, mediaJSON},
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8":                                                           {mediaJSON},
		"application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed":         {mediaGraphQL, mediaJSON, mediaEvents},
		"multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9":            {mediaMultipart, mediaGraphQL, mediaJSON},
		"application/json;q=0.5, text/event-stream;q=0.7, multipart/mixed;subscriptionSpec=1.0;q=0.6, application/json;q=1, ;;, \"": {mediaEvents, mediaMultipart, mediaJSON},
	} {
		if got := accepting(header); !slices.Equal(got, want) {
			t.Errorf("%q takes %q, want %q", header, got, want)
		}
	}
}
