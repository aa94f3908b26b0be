package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"userstatus/presence"
)

// admin is the directive of that name: it lets the app's backend through.
func admin(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
	viewer, ok := presence.ViewerFrom(ctx)
	if !ok {
		return nil, presence.Errorf(presence.Unauthenticated, "sign in first: this field needs a token with role: \"admin\"")
	}
	if !viewer.Admin {
		return nil, presence.Errorf(presence.Forbidden, "this field is for the app's backend: it needs a token with role: \"admin\"")
	}
	return next(ctx)
}
