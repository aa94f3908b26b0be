package main

import (
	"context"
	"log/slog"
	"time"

	"userstatus/db"
	"userstatus/presence"
	"userstatus/webhook"
)

// webhookStopTime is how long requests that are under way at a stop may take: what
// is cut off is sent again by another node, or after the next start.
const webhookStopTime = time.Second

// sendWebhooks sends each change to the app's backend, if that is asked for, until
// it is told to stop.
func (c config) sendWebhooks(store *db.Store, service *presence.Service, watch *watch, log *slog.Logger) (stop func()) {
	if c.WebhookURL == nil {
		return func() {}
	}
	sender := webhook.Start(webhook.Options{
		URL: c.WebhookURL, Secrets: c.WebhookSecrets, Outbox: store, Lead: service.LeadWebhooks,
		Log: log, Version: version(), Observer: watch.webhooks(),
	})
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), webhookStopTime)
		defer cancel()
		sender.Close(ctx)
	}
}
