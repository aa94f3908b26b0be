// Plain is a server of the same schema as it is usually made with gqlgen: its
// own WebSocket transport, a resolver with a channel per subscriber, and one
// execution for each subscriber and change. It verifies tokens and keeps its
// statuses in memory.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"userstatus/auth"
	_ "userstatus/bench/hook"
	"userstatus/graph"
	"userstatus/presence"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		os.Exit(1)
	}
}

func serve() error {
	verifier := auth.NewSecret([]byte(os.Getenv("USERSTATUS_JWT_SECRET")), auth.Checks{})
	server := handler.New(graph.NewExecutableSchema(graph.Config{
		Resolvers: newBoard(),
		Directives: graph.DirectiveRoot{Admin: func(context.Context, any, graphql.Resolver) (any, error) {
			return nil, errors.New("nobody is an admin here")
		}},
	}))
	server.AddTransport(transport.Websocket{InitFunc: signIn(verifier)})
	server.SetQueryCache(lru.New[*ast.QueryDocument](1000))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "{\"msg\":\"listening\",\"url\":\"http://%s\"}\n", listener.Addr())
	return http.Serve(listener, server)
}

func signIn(verifier *auth.Verifier) transport.WebsocketInitFunc {
	return func(ctx context.Context, payload transport.InitPayload) (context.Context, *transport.InitPayload, error) {
		viewer, err := verifier.Verify(ctx, strings.TrimPrefix(payload.GetString("authorization"), "Bearer "))
		if err != nil {
			return transport.WithWebsocketCloseCode(ctx, 4403), nil, err
		}
		return presence.WithViewer(ctx, viewer), nil, nil
	}
}
