package graph

import (
	"context"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/admission"
	"userstatus/presence"
)

const (
	// cachedDocuments is how many documents are kept parsed and validated.
	cachedDocuments = 500
	// maxCached is in bytes of text: large documents are made anew each time, so
	// that nobody can fill the memory with them.
	maxCached = 4 << 10
	// maxErrors is how many faults of one document are told.
	maxErrors = 20
)

// Executor runs operations against the service, within limits.
type Executor struct {
	*executor.Executor
	presenter presenter
	measure   Measure
	documents documentCache
	// admission has operations wait for their turn; nil for none.
	admission *admission.Control
}

var _ graphql.GraphExecutor = (*Executor)(nil)

// NewExecutor makes the executor that all transports share.
func NewExecutor(service *presence.Service, introspection bool, log *slog.Logger) *Executor {
	return newExecutor(service, introspection, log, Measure{})
}

func newExecutor(service *presence.Service, introspection bool, log *slog.Logger, measure Measure) *Executor {
	schema := NewExecutableSchema(Config{
		Resolvers:  &Resolver{Presence: service},
		Directives: DirectiveRoot{Admin: admin},
		Complexity: costs(),
	})
	documents := documentCache{lru.New[*ast.QueryDocument](cachedDocuments)}
	e := &Executor{Executor: executor.New(schema), presenter: presenter{log, measure.Failed}, measure: measure, documents: documents}
	e.SetQueryCache(documents)
	e.SetParserTokenLimit(MaxTokens)
	e.SetDisableSuggestion(!introspection)
	e.SetErrorPresenter(e.presenter.present)
	e.SetRecoverFunc(e.presenter.recovered)
	e.Use(limits{schema: schema, documents: documents, introspection: introspection})
	return e
}

// CreateOperationContext parses and validates an operation. What comes back is
// never nil; an error is for DispatchError.
func (e *Executor) CreateOperationContext(ctx context.Context, sent *graphql.RawParams) (op *graphql.OperationContext, errs gqlerror.List) {
	defer func() {
		if cause := recover(); cause != nil {
			op, errs = &graphql.OperationContext{}, gqlerror.List{gqlerror.Wrap(e.presenter.recovered(ctx, cause))}
		}
	}()
	ctx = graphql.StartOperationTrace(ctx)
	done, err := e.admitDocument(ctx, sent.Query)
	if err != nil {
		return &graphql.OperationContext{RawQuery: sent.Query, OperationName: sent.OperationName}, gqlerror.List{gqlerror.Wrap(err)}
	}
	defer done()
	op, errs = e.Executor.CreateOperationContext(ctx, sent)
	e.measure.asked(op)
	return op, errs[:min(len(errs), maxErrors)]
}

// documentCache keeps small documents.
type documentCache struct{ *lru.LRU[*ast.QueryDocument] }

func (c documentCache) Add(ctx context.Context, query string, document *ast.QueryDocument) {
	if len(query) <= maxCached {
		c.LRU.Add(ctx, query, document)
	}
}
