package transport

import (
	"encoding/json"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/presence"
)

// appendResponse appends a response as JSON; one that was never executed has
// no entry for data.
func appendResponse(buf []byte, response *graphql.Response) []byte {
	buf = append(buf, '{')
	if len(response.Errors) > 0 {
		errors, _ := json.Marshal(response.Errors)
		buf = append(append(append(buf, `"errors":`...), errors...), ',')
	}
	if len(response.Data) > 0 {
		buf = append(append(append(buf, `"data":`...), response.Data...), ',')
	}
	if last := len(buf) - 1; buf[last] == ',' {
		buf = buf[:last]
	}
	return append(buf, '}')
}

// answer sends the only response of an operation.
func answer(w http.ResponseWriter, in media, response *graphql.Response) {
	if f, ok := framings[in]; ok {
		f.start(w)
		_, _ = w.Write(f.appendOnly(nil, response))
		return
	}
	status := http.StatusOK
	if in == mediaGraphQL && len(response.Data) == 0 {
		status = statusOf(response.Errors)
	}
	answerJSON(w, in, status, response)
}

func answerJSON(w http.ResponseWriter, in media, status int, response *graphql.Response) {
	w.Header().Set("Content-Type", string(in)+"; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(appendResponse(nil, response))
}

// statuses are those of requests that were not executed; all others are 400.
var statuses = map[presence.Code]int{
	presence.Unauthenticated: http.StatusUnauthorized,
	presence.Forbidden:       http.StatusForbidden,
	presence.RateLimited:     http.StatusTooManyRequests,
	presence.Internal:        http.StatusInternalServerError,
}

func statusFor(code presence.Code) int {
	if status, ok := statuses[code]; ok {
		return status
	}
	return http.StatusBadRequest
}

func statusOf(errors gqlerror.List) int {
	for _, err := range errors {
		if code, ok := err.Extensions["code"].(string); ok {
			return statusFor(presence.Code(code))
		}
	}
	return http.StatusBadRequest
}

// Refuse answers a request that is not tried, for a reason the caller may read.
func Refuse(w http.ResponseWriter, r *http.Request, status int, reason *presence.Error) {
	answerJSON(w, acceptedBy(r).json(), status, &graphql.Response{Errors: gqlerror.List{{
		Message:    reason.Message,
		Extensions: map[string]any{"code": string(reason.Code), "errorCode": reason.Number},
	}}})
}

// reject answers a request that can't be tried.
func (h *HTTP) reject(w http.ResponseWriter, r *http.Request, why *refusal) {
	if why.reason != nil {
		Refuse(w, r, why.status, why.reason)
		return
	}
	h.Measure.refused(RefusedRequest)
	Refuse(w, r, why.status, presence.Errorf(presence.BadUserInput, "%s", why.message))
}
