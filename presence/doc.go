// Package presence is the domain: what a user's status is, which rules change
// it, who may see it, and who is told. It knows no database, no network and no
// GraphQL; those are adapters behind the ports Store and Broadcaster.
package presence
