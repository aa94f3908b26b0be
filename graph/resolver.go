// Package graph is the GraphQL side of the service: resolvers that hand each
// field to the domain, the limits on what a document may ask for, and how
// errors are shown. Its transports are in the package of that name.
package graph

import "userstatus/presence"

// Resolver is the root of all resolvers.
type Resolver struct{ Presence *presence.Service }
