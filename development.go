package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"userstatus/auth"
	"userstatus/graph/transport"
	"userstatus/presence"
	"userstatus/web"
)

// demoTTL is how long a demo token is good.
const demoTTL = time.Hour

var demoUsers = []web.DemoUser{{UserID: "alice"}, {UserID: "bob"}, {UserID: "carol"}, {UserID: "dave"}, {UserID: "admin", Admin: true}}

// development signs people in while no key is configured: on this machine, and only
// for pages and programs of this machine.
type development struct{ minter *auth.Minter }

// introduce makes the demo users known to each other, so that one can be
// followed before anybody has come as them.
func (d *development) introduce(ctx context.Context, service *presence.Service) error {
	var ids []string
	for _, user := range demoUsers {
		ids = append(ids, user.UserID)
	}
	if _, err := service.RegisterUsers(ctx, ids); err != nil {
		return fmt.Errorf("register the demo users: %w", err)
	}
	return nil
}

// greet tells where to begin.
func (d *development) greet(to io.Writer, base string) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(to, format, args...) }
	say("\nuserstatus is in development mode: anybody on this machine may be anybody.\n\n")
	say("  start here   %s/\n", base)
	for _, user := range demoUsers {
		page := "demo?user=" + user.UserID
		if user.Admin {
			page = "console?user=" + user.UserID
		}
		say("  %-12s %s/%s\n", "as "+user.UserID, base, page)
		if user.Admin {
			say("  %-12s %s/playground?user=%s&role=admin\n", "", base, user.UserID)
		}
	}
	say("  a token      curl '%s/dev/token?user=alice'\n\n", base)
}

// token mints one for any user.
func (d *development) token(w http.ResponseWriter, r *http.Request) {
	if !letIn(w, r) {
		return
	}
	role := r.FormValue("role")
	if role != "" && role != "admin" {
		http.Error(w, "role is admin or left out", http.StatusBadRequest)
		return
	}
	user, now := r.FormValue("user"), time.Now()
	token, err := d.minter.Mint(user, role == "admin", demoTTL, now)
	if err != nil {
		http.Error(w, "user: "+err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, map[string]any{"token": token, "userID": user, "expiresAt": now.Add(demoTTL).UTC().Truncate(time.Second)})
}

// letIn refuses whoever isn't of this machine. A page of another site that has
// its name point here is known by its Host. A page of this machine may read the
// answer from any port, such as the one of a frontend's development server.
func letIn(w http.ResponseWriter, r *http.Request) bool {
	if !toLoopback(r.Host) || !(transport.Origins{Development: true}).Allow(r) {
		http.Error(w, "only for loopback host names and pages of this machine", http.StatusForbidden)
		return false
	}
	w.Header().Set("Vary", "Origin")
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
	return true
}

func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(body)
}

// toLoopback is true if a Host header names this machine as itself.
func toLoopback(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	if strings.EqualFold(name, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(name)
	return err == nil && address.Unmap().IsLoopback()
}
