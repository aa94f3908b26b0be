package graph

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"userstatus/graph/transport"
)

// invalidOperation is the kind of what could not be parsed, or has no operation.
const invalidOperation = "invalid"

// Measure hears what is asked for, and what becomes of it. Each of its
// functions may be nil, and must be quick.
type Measure struct {
	transport.Measure
	// Operation is told what was asked for: a query, mutation or subscription, or
	// something invalid.
	Operation func(kind string)
	// Failed is told the code of each error that is answered with.
	Failed func(code string)
}

// asked tells of an operation that came.
func (m *Measure) asked(op *graphql.OperationContext) {
	if m.Operation != nil {
		m.Operation(kindOf(op))
	}
}

func kindOf(op *graphql.OperationContext) string {
	if op == nil || op.Operation == nil {
		return invalidOperation
	}
	return string(op.Operation.Operation)
}

// span is of an operation, from when it was begun to read.
func (m *Measure) span(ctx context.Context, op *graphql.OperationContext) (context.Context, func(code string)) {
	began := op.Stats.OperationStart
	if began.IsZero() {
		began = time.Now()
	}
	name := ""
	if op.Operation != nil {
		name = op.Operation.Name
	}
	return m.Span(ctx, kindOf(op), name, began)
}

// DispatchOperation runs a query or mutation in a span of its own, if anybody
// wants one. A subscription is run once for all who share its form, and has its
// span where it is opened.
func (e *Executor) DispatchOperation(ctx context.Context, op *graphql.OperationContext) (graphql.ResponseHandler, context.Context) {
	if op.Operation.Operation == ast.Subscription {
		return e.Executor.DispatchOperation(ctx, op)
	}
	if e.measure.Span == nil {
		next, ctx := e.Executor.DispatchOperation(ctx, op)
		return e.admitted(next, op), ctx
	}
	ctx, end := e.measure.span(ctx, op)
	next, ctx := e.Executor.DispatchOperation(ctx, op)
	next = e.admitted(next, op)
	return func(ctx context.Context) *graphql.Response {
		response := next(ctx)
		end(codeIn(response))
		return response
	}, ctx
}

// DispatchError answers an operation that is not run.
func (e *Executor) DispatchError(ctx context.Context, errs gqlerror.List) *graphql.Response {
	response := e.Executor.DispatchError(ctx, errs)
	if e.measure.Span != nil && graphql.HasOperationContext(ctx) {
		_, end := e.measure.span(ctx, graphql.GetOperationContext(ctx))
		end(codeIn(response))
	}
	return response
}

// codeIn is that of the first error, or empty.
func codeIn(response *graphql.Response) string {
	if response == nil || len(response.Errors) == 0 {
		return ""
	}
	code, _ := response.Errors[0].Extensions["code"].(string)
	return code
}
