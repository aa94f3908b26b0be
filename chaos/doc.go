// Package chaos is tests alone: it runs several nodes as processes, on a real
// Postgres and a real NATS, or one on a file, breaks what lies under and between
// them, and checks what their clients were told against what the database has.
//
// A cluster is the processes, with a proxy on each way to Postgres and to NATS.
// A crowd is many clients who come back wherever they can; each keeps a history
// of what it did, what was acknowledged and what it was told. Faults break the
// cluster for a while; a walk cuts connections at every byte of a conversation. Checks are pure: they read histories and the database,
// and name what breaks a promise.
package chaos
