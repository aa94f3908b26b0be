// Package webhook tells the app's backend of each change of a status, as Standard
// Webhooks (standardwebhooks.com) has it: signed, at least once, the changes of
// one user in their order. What it has yet to tell is in a presence.Outbox.
package webhook
