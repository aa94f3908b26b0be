package transport

import (
	"context"
	"net/http"
	"strings"

	"userstatus/presence"
)

// identify finds out who is calling, and answers the request itself where
// that goes wrong. Without an Authorization header nobody is.
func (h *HTTP) identify(w http.ResponseWriter, r *http.Request) (context.Context, bool) {
	ctx := r.Context()
	if err := presence.CheckPlatform(platformOf(r)); err != nil {
		h.Measure.refused(RefusedRequest)
		Refuse(w, r, http.StatusBadRequest, err)
		return nil, false
	}
	sent := r.Header.Values("Authorization")
	if len(sent) == 0 {
		return ctx, true
	}
	token, ok := bearer(sent)
	if !ok {
		h.refuseToken(w, r, presence.Errorf(presence.Unauthenticated, "the Authorization header is not of the form: Bearer …"))
		return nil, false
	}
	viewer, err := h.Authenticate(ctx, token)
	if err != nil {
		h.refuseToken(w, r, err)
		return nil, false
	}
	ctx = presence.WithViewer(ctx, viewer)
	if err := h.Presence.Admit(ctx); err != nil {
		h.refuseFor(w, r, err)
		return nil, false
	}
	return ctx, true
}

func platformOf(r *http.Request) string { return r.Header.Get("X-Platform") }

// bearer is the token in the only authorization that was sent.
func bearer(sent []string) (token string, ok bool) {
	scheme, token, _ := strings.Cut(sent[0], " ")
	token = strings.TrimSpace(token)
	return token, len(sent) == 1 && strings.EqualFold(scheme, "Bearer") && token != "" && !strings.ContainsAny(token, " ,")
}

func (h *HTTP) refuseToken(w http.ResponseWriter, r *http.Request, err error) {
	if shown, ok := presence.AsError(err); ok && shown.Code == presence.Unauthenticated {
		w.Header().Set("WWW-Authenticate", `Bearer realm="userstatus", error="invalid_token"`)
	}
	h.refuseFor(w, r, err)
}

// refuseFor answers with err, if the caller may read it; else the log has it.
func (h *HTTP) refuseFor(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil { // else the client has gone
		h.Measure.refusedFor(err)
	}
	shown, ok := presence.AsError(err)
	if !ok {
		if r.Context().Err() == nil {
			h.faults.log(r.Context(), h.Log, "a request was not served", err)
		}
		shown = presence.Errorf(presence.Internal, "internal error")
	}
	Refuse(w, r, statusFor(shown.Code), shown)
}
